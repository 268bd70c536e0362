-- quicksort: n pseudo-random 64-bit integers, Hoare partition, recursive; the result is a checksum of the order.
--
-- The numbers have 44 bits, so they are kept as doubles, which LuaJIT does not have to box.
local rshift = bit.rshift

local function sort(a, lo, hi)
	if lo >= hi then return end
	local pivot, i, j = a[lo + rshift(hi - lo, 1)], lo, hi
	repeat
		while a[i] < pivot do i = i + 1 end
		while a[j] > pivot do j = j - 1 end
		if j < i then break end
		a[i], a[j] = a[j], a[i]
		i, j = i + 1, j - 1
	until i > j
	sort(a, lo, j)
	sort(a, i, hi)
end

return function(n)
	local a, x, sum, last = array("double", n), 42ULL, 0ULL, 0
	for i = 0, n - 1 do
		x = x * 6364136223846793005ULL + 1442695040888963407ULL
		a[i] = tonumber(rshift(x, 20))
	end
	sort(a, 0, n - 1)
	for i = 0, n - 1 do
		if a[i] < last then return 0 end
		last = a[i]
		sum = sum + (0ULL + a[i]) * i
	end
	return sum
end
