-- Runs one kernel under Lua 5.4 or LuaJIT: lua.lua FILE N REPEATS. Prints the result of the function that FILE returns, the time
-- from nothing loaded to the end of the first call, then the time of each call, in nanoseconds, as native.c does.
--
-- array(kind, n) is n zeros from index 0: a C array of the type `kind` under LuaJIT, a table under Lua, where index 0 alone lies outside
-- the table's array part.

local clock, text
if jit then
	local ffi = require("ffi")
	ffi.cdef "typedef struct { long s, ns; } bench_time; int clock_gettime(int, bench_time *);"
	local t = ffi.new("bench_time")
	function clock()
		ffi.C.clock_gettime(1, t)
		return tonumber(t.s) * 1e9 + tonumber(t.ns)
	end
	function array(kind, n) return ffi.new(kind .. "[?]", n) end
	function text(x) return type(x) == "number" and ("%.0f"):format(x) or (tostring(ffi.cast("int64_t", x)):gsub("LL", "")) end
else
	function clock() return os.clock() * 1e9 end -- microseconds of processor time: Lua has no finer clock
	function array(_, n)
		local a = {}
		for i = 0, n - 1 do a[i] = 0 end
		return a
	end
	function text(x) return ("%d"):format(x) end
end

local file, n, repeats = arg[1], tonumber(arg[2]), tonumber(arg[3])
local begin = clock()
local kernel = assert(loadfile(file))()
local times = {}
for i = 1, repeats do
	local call = clock()
	local result = kernel(n)
	local finish = clock()
	if i == 1 then
		print(text(result))
		print(("%.0f"):format(finish - begin))
	end
	times[i] = ("%.0f"):format(finish - call)
end
print(table.concat(times, "\n"))
