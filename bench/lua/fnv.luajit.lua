-- fnv: n passes of FNV-1a 64 over 64 KiB.
local bxor = bit.bxor

return function(n)
	local buffer, h = array("uint8_t", 65536), 0xCBF29CE484222325ULL
	for i = 0, 65535 do buffer[i] = i * 31 % 256 end
	for _ = 1, n do
		for i = 0, 65535 do h = bxor(h, buffer[i]) * 0x100000001B3ULL end
	end
	return h
end
