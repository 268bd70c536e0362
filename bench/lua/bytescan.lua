-- bytescan: n passes that count the newlines in 64 KiB of pseudo-random bytes.
return function(n)
	local buffer, x, count = array("uint8_t", 65536), 1, 0
	for i = 0, 65535 do
		x = (x * 1103515245 + 12345) & 0xFFFFFFFF
		buffer[i] = x >> 16 & 255
	end
	for pass = 0, n - 1 do
		for i = 0, 65535 do
			if buffer[i] == 10 then count = count + 1 end
		end
		buffer[pass] = pass & 255
	end
	return count
end
