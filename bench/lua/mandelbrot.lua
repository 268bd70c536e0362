-- mandelbrot: points of an n x n grid over [-2,0.5] x [-1.25,1.25] that stay bounded for 50 iterations.
return function(n)
	local step, inside = 2.5 / n, 0
	for y = 0, n - 1 do
		local ci = y * step - 1.25
		for x = 0, n - 1 do
			local cr, zr, zi, i = x * step - 2.0, 0.0, 0.0, 50
			while i ~= 0 do
				local a, b = zr * zr, zi * zi
				if a + b > 4.0 then break end
				zi = zr * zi * 2.0 + ci
				zr = a - b + cr
				i = i - 1
			end
			if i == 0 then inside = inside + 1 end
		end
	end
	return inside
end
