-- fannkuch: the most prefix reversals over all permutations of n, times 100000, plus the checksum.
return function(n)
	local p, q, count = array("int32_t", 16), array("int32_t", 16), array("int32_t", 16)
	for i = 0, n - 1 do p[i] = i end
	local most, checksum, r, odd = 0, 0, n, false
	while true do
		while r ~= 1 do
			count[r - 1] = r
			r = r - 1
		end
		if p[0] ~= 0 then
			for i = 0, n - 1 do q[i] = p[i] end
			local flips, first = 0, q[0]
			while first ~= 0 do
				local i, j = 0, first
				repeat
					q[i], q[j] = q[j], q[i]
					i, j = i + 1, j - 1
				until i >= j
				flips, first = flips + 1, q[0]
			end
			if flips > most then most = flips end
			checksum = odd and checksum - flips or checksum + flips
		end
		odd = not odd
		while true do
			if r == n then return most * 100000 + checksum end
			local first = p[0]
			for i = 0, r - 1 do p[i] = p[i + 1] end
			p[r] = first
			count[r] = count[r] - 1
			if count[r] ~= 0 then break end
			r = r + 1
		end
	end
end
