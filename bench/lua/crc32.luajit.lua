-- crc32: n passes of the table-driven CRC-32 (reflected 0xEDB88320) over 64 KiB of pseudo-random bytes.
local band, bxor, rshift = bit.band, bit.bxor, bit.rshift

return function(n)
	local t, buffer = array("int32_t", 256), array("uint8_t", 65536)
	for i = 0, 255 do
		local c = i
		for _ = 1, 8 do c = band(c, 1) ~= 0 and bxor(rshift(c, 1), 0xEDB88320) or rshift(c, 1) end
		t[i] = c
	end
	local x, crc = 1ULL, -1
	for i = 0, 65535 do
		x = band(x * 1103515245ULL + 12345ULL, 0xFFFFFFFFULL)
		buffer[i] = band(rshift(x, 16), 255)
	end
	for _ = 1, n do
		for i = 0, 65535 do crc = bxor(rshift(crc, 8), t[band(bxor(crc, buffer[i]), 255)]) end
	end
	return bit.bnot(crc) % 2 ^ 32
end
