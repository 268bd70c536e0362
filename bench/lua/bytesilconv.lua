-- bytesilconv: n passes of a 16-tap ByteSil convolution over 4096 samples. Each pass works on the phases of the last
-- one's output, so that magnitudes do not saturate.
--
-- Lua has no ByteSils: products and sums come from tables, which are computed here in doubles. That is exact enough: no sum but those at
-- exact ties of the phase comes near a step (the rounding term settles the ties).
local products, sums

local function clamp(rho) return rho < -8 and -8 or rho > 7 and 7 or rho end

local function sum(x, y)
	local r, s, turn = math.exp((x >> 4) - 8), math.exp((y >> 4) - 8), math.pi / 8
	local re = r * math.cos((x & 15) * turn) + s * math.cos((y & 15) * turn)
	local im = r * math.sin((x & 15) * turn) + s * math.sin((y & 15) * turn)
	local norm = math.sqrt(re * re + im * im)
	if norm < math.exp(-8) * (1 - 1e-12) then return 0 end
	local theta = math.floor(math.atan(im, re) / turn + 0.5 + 1e-9) & 15
	return clamp(math.floor(math.log(norm) + 0.5)) + 8 << 4 | theta
end

local function make_tables()
	products, sums = array("uint8_t", 65536), array("uint8_t", 65536)
	for x = 0, 255 do
		for y = 0, 255 do
			products[x << 8 | y] = clamp((x >> 4) + (y >> 4) - 16) + 8 << 4 | (x + y & 15)
			sums[x << 8 | y] = sum(x, y)
		end
	end
end

return function(n)
	if not sums then make_tables() end
	local products, sums = products, sums
	local x, y, h = array("uint8_t", 4112), array("uint8_t", 4096), array("uint8_t", 16)
	for i = 0, 4111 do x[i] = 7 * i + 64 & 255 end
	for i = 0, 15 do h[i] = 5 * i & 15 | 8 - i // 4 << 4 end
	for _ = 1, n do
		for i = 0, 4095 do
			local s = 0
			for k = 0, 15 do s = sums[s << 8 | products[x[i + k] << 8 | h[k]]] end
			y[i] = 0x80 | s & 15
		end
		for i = 0, 4095 do x[i] = y[i] end
	end
	local hash = 0
	for i = 0, 4095 do hash = hash * 31 + x[i] end
	return hash
end
