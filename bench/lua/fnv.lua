-- fnv: n passes of FNV-1a 64 over 64 KiB.
return function(n)
	local buffer, h = array("uint8_t", 65536), 0xCBF29CE484222325
	for i = 0, 65535 do buffer[i] = i * 31 & 255 end
	for _ = 1, n do
		for i = 0, 65535 do h = (h ~ buffer[i]) * 0x100000001B3 end
	end
	return h
end
