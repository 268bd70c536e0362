-- indirect: n calls through a table of four functions, chosen by the running value.
local band, bxor, rshift, rol = bit.band, bit.bxor, bit.rshift, bit.rol

local functions = {
	[0] = function(x, y) return x + y end,
	function(x, _) return x * 5ULL + 3ULL end,
	function(x, y)
		x = bxor(x, 0ULL + y)
		return bxor(x, rshift(x, 7))
	end,
	function(x, y) return rol(x, 1) - y end,
}

return function(n)
	local x = 1ULL
	for y = n, 1, -1 do x = functions[tonumber(band(x, 3ULL))](x, y) end
	return x
end
