-- collatz: the start below n with the longest 3x+1 chain, times 1000, plus its length.
return function(n)
	local longest, best = 0, 0
	for start = 1, n - 1 do
		local x, length = start, 0
		while x ~= 1 do
			if x & 1 ~= 0 then
				x = x * 3 + 1
				length = length + 1
			end
			x = x >> 1
			length = length + 1
		end
		if length > longest then longest, best = length, start end
	end
	return best * 1000 + longest
end
