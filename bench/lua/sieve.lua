-- sieve: Eratosthenes on bytes, counting the primes below n.
return function(n)
	local flags, count = array("uint8_t", n), 0
	for i = 2, n - 1 do
		if flags[i] == 0 then
			count = count + 1
			for j = i * i, n - 1, i do flags[j] = 1 end
		end
	end
	return count
end
