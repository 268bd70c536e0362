-- lexer: a state machine over 16 KiB of generated text; counts words, numbers and marks, n times.
local SIZE = 16384
local alphabet = "abcdefghijklmnop    012345;,+-()"

local function class(c)
	local lower = c | 32
	return c <= 32 and 0 or lower >= 97 and lower <= 122 and 1 or c >= 48 and c <= 57 and 2 or 3
end

return function(n)
	local text, classes, x = array("uint8_t", SIZE), array("uint8_t", 256), 1
	for c = 0, 255 do classes[c] = class(c) end
	for i = 0, SIZE - 1 do
		x = (x * 1103515245 + 12345) & 0xFFFFFFFF
		text[i] = alphabet:byte((x >> 16 & 31) + 1)
	end
	local words, numbers, marks = 0, 0, 0
	for _ = 1, n do
		local i, c = 0, 0
		::start::
		if i >= SIZE then goto done end
		c, i = classes[text[i]], i + 1
		if c == 0 then goto start end
		if c == 1 then goto word end
		if c == 2 then goto number end
		::mark::
		marks = marks + 1
		goto start
		::word::
		words = words + 1
		::in_word::
		if i >= SIZE then goto done end
		c, i = classes[text[i]], i + 1
		if c == 0 then goto start end
		if c == 3 then goto mark end
		goto in_word
		::number::
		numbers = numbers + 1
		::in_number::
		if i >= SIZE then goto done end
		c, i = classes[text[i]], i + 1
		if c == 0 then goto start end
		if c == 1 then goto word end
		if c == 2 then goto in_number end
		goto mark
		::done::
	end
	return words * 1000000 + numbers * 1000 + marks
end
