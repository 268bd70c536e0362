-- sha256: the compression function over n blocks of a counter; the result is the first 8 digest bytes of the chain.
local constants = {
	0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
	0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
	0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
	0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
	0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
	0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
	0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
	0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
}

local function compress(chain, w)
	for i = 0, 47 do
		local x, y = w[i + 1], w[i + 14]
		-- A word twice in a row makes a rotation one shift.
		local xx, yy = x << 32 | x, y << 32 | y
		w[i + 16] = (xx >> 7 ~ xx >> 18 ~ x >> 3 & 0xFFFFFFFF) + w[i] + ((yy >> 17 ~ yy >> 19 ~ y >> 10) & 0xFFFFFFFF) + w[i + 9] & 0xFFFFFFFF
	end
	local a, b, c, d, e, f, g, h = chain[0], chain[1], chain[2], chain[3], chain[4], chain[5], chain[6], chain[7]
	for i = 0, 63 do
		local ee, aa = e << 32 | e, a << 32 | a
		local t1 = ((ee >> 6 ~ ee >> 11 ~ ee >> 25) & 0xFFFFFFFF) + (g ~ e & (f ~ g)) + h + constants[i + 1] + w[i]
		local t2 = ((aa >> 2 ~ aa >> 13 ~ aa >> 22) & 0xFFFFFFFF) + (a & b | c & (a | b))
		h, g, f, e, d, c, b, a = g, f, e, d + t1 & 0xFFFFFFFF, c, b, a, t1 + t2 & 0xFFFFFFFF
	end
	for i, v in ipairs {a, b, c, d, e, f, g, h} do chain[i - 1] = chain[i - 1] + v & 0xFFFFFFFF end
end

return function(n)
	local chain = {[0] = 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19}
	local w, counter = array("uint32_t", 64), 0
	for _ = 1, n do
		for i = 0, 15 do
			w[i] = counter
			counter = counter + 1
		end
		compress(chain, w)
	end
	return chain[0] << 32 | chain[1]
end
