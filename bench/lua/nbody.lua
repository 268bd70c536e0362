-- nbody: the five-body problem of the Benchmarks Game, n steps of 0.01; the result is the energy in units of 1e-12.
local function body(x, y, z, vx, vy, vz, mass)
	return {x = x, y = y, z = z, vx = vx, vy = vy, vz = vz, mass = mass}
end

local function start()
	return {
		body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47841760435743),
		body(4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
			0.606326392995832, 2.81198684491626, -0.02521836165988763, 0.03769367487038949),
		body(8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
			-1.0107743461787924, 1.8256623712304119, 0.008415761376584154, 0.011286326131968767),
		body(1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
			1.0827910064415354, 0.8687130181696082, -0.010832637401363636, 0.0017237240570597112),
		body(1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
			0.979090732243898, 0.5946989986476762, -0.034755955504078104, 0.0020336868699246304),
	}
end

local function step(bodies)
	for i = 1, 4 do
		local a = bodies[i]
		for j = i + 1, 5 do
			local b = bodies[j]
			local x, y, z = a.x - b.x, a.y - b.y, a.z - b.z
			local d2 = x * x + y * y + z * z
			local mag = 0.01 / (d2 * math.sqrt(d2))
			local mb, ma = b.mass * mag, a.mass * mag
			a.vx, a.vy, a.vz = a.vx - x * mb, a.vy - y * mb, a.vz - z * mb
			b.vx, b.vy, b.vz = b.vx + x * ma, b.vy + y * ma, b.vz + z * ma
		end
	end
	for i = 1, 5 do
		local a = bodies[i]
		a.x, a.y, a.z = a.x + a.vx * 0.01, a.y + a.vy * 0.01, a.z + a.vz * 0.01
	end
end

local function energy(bodies)
	local e = 0.0
	for i = 1, 5 do
		local a = bodies[i]
		e = e + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
		for j = i + 1, 5 do
			local b = bodies[j]
			local x, y, z = a.x - b.x, a.y - b.y, a.z - b.z
			e = e - a.mass * b.mass / math.sqrt(x * x + y * y + z * z)
		end
	end
	return e
end

return function(n)
	local bodies = start()
	local x, y, z = 0.0, 0.0, 0.0
	for i = 1, 5 do
		local a = bodies[i]
		x, y, z = x + a.vx * a.mass, y + a.vy * a.mass, z + a.vz * a.mass
	end
	local sun = bodies[1]
	sun.vx, sun.vy, sun.vz = -x / sun.mass, -y / sun.mass, -z / sun.mass
	for _ = 1, n do step(bodies) end
	return math.ceil(energy(bodies) * 1000000000000.0)
end
