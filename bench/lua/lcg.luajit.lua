-- lcg: n steps of Knuth's MMIX generator, one dependent multiply and add each.
return function(n)
	local x = 1ULL
	for _ = 1, n do x = x * 6364136223846793005ULL + 1442695040888963407ULL end
	return x
end
