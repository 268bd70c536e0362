-- bintrees: builds and counts complete binary trees of depth n on a bump allocator, 64 times.
--
-- Nodes are numbers from 1 into two arrays, which is the bump allocator; 0 is none. The arrays stay between calls, as C's heap does.
local left, right, nodes

local function build(depth)
	local n = nodes + 1
	nodes = n
	left[n] = depth ~= 0 and build(depth - 1) or 0
	right[n] = depth ~= 0 and build(depth - 1) or 0
	return n
end

local function count(n)
	if left[n] == 0 then return 1 end
	return count(left[n]) + count(right[n]) + 1
end

return function(n)
	left = left or array("uint32_t", 2 ^ (n + 1))
	right = right or array("uint32_t", 2 ^ (n + 1))
	local sum = 0
	for _ = 1, 64 do
		nodes = 0
		sum = sum + count(build(n))
	end
	return sum
end
