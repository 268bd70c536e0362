-- hashtable: n insertions of decimal strings of pseudo-random numbers into an open-addressing table, counting repeats.
--
-- Strings lie in one byte array, the length first, then digits, least significant first; a slot is a string's place (0: free) and a count.
local SLOTS = 65536

local function format(bytes, number, at)
	local p = at + 1
	repeat
		bytes[p] = 48 + number % 10
		p, number = p + 1, number // 10
	until number == 0
	bytes[at] = p - at - 1
	return p
end

local function equal(bytes, a, b)
	if bytes[a] ~= bytes[b] then return false end
	for i = bytes[a], 1, -1 do
		if bytes[a + i] ~= bytes[b + i] then return false end
	end
	return true
end

return function(n)
	local places, counts = array("uint32_t", SLOTS), array("uint32_t", SLOTS)
	local bytes, free, x, repeats = array("uint8_t", 1 << 20), 1, 1, 0
	for _ = 1, n do
		x = (x * 1103515245 + 12345) & 0xFFFFFFFF
		local finish, h = format(bytes, x >> 8 & 0x7FFF, free), 0xCBF29CE484222325
		for p = free + 1, finish - 1 do h = (h ~ bytes[p]) * 0x100000001B3 end
		local s = (h ~ h >> 32) & SLOTS - 1
		while true do
			if places[s] == 0 then
				places[s], counts[s] = free, 1
				free = finish
				break
			end
			if equal(bytes, places[s], free) then
				counts[s] = counts[s] + 1
				repeats = repeats + 1
				break
			end
			s = s + 1 & SLOTS - 1
		end
	end
	return repeats
end
