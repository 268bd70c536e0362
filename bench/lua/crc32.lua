-- crc32: n passes of the table-driven CRC-32 (reflected 0xEDB88320) over 64 KiB of pseudo-random bytes.
return function(n)
	local t, buffer = array("uint32_t", 256), array("uint8_t", 65536)
	for i = 0, 255 do
		local c = i
		for _ = 1, 8 do c = c & 1 ~= 0 and c >> 1 ~ 0xEDB88320 or c >> 1 end
		t[i] = c
	end
	local x, crc = 1, 0xFFFFFFFF
	for i = 0, 65535 do
		x = (x * 1103515245 + 12345) & 0xFFFFFFFF
		buffer[i] = x >> 16 & 255
	end
	for _ = 1, n do
		for i = 0, 65535 do crc = crc >> 8 ~ t[(crc ~ buffer[i]) & 255] end
	end
	return crc ~ 0xFFFFFFFF
end
