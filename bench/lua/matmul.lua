-- matmul: c = a * b of n x n doubles, row by row (i k j), so that the inner loop runs along rows.
return function(n)
	local a, b, c = array("double", n * n), array("double", n * n), array("double", n * n)
	for i = 0, n * n - 1 do
		a[i], b[i], c[i] = i % 7 + 0.0, i % 5 + 0.0, 0.0
	end
	for i = 0, n - 1 do
		for k = 0, n - 1 do
			local x, row, from = a[i * n + k], i * n, k * n
			for j = 0, n - 1 do c[row + j] = c[row + j] + x * b[from + j] end
		end
	end
	local sum = 0.0
	for i = 0, n * n - 1 do sum = sum + c[i] end
	return sum
end
