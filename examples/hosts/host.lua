-- A host in Lua: luajit examples/hosts/host.lua ./energy.so
local ffi = require 'ffi'
ffi.cdef [[
typedef struct { uint32_t size, abi_version; } module;                  /* the begin of vsp_aot_descriptor */
typedef struct { uint32_t size; int code; char message[512]; } failure; /* the begin of vsp_error */
typedef struct instance instance;
typedef int import(void *user, void *caller, const int64_t *args, int64_t *results);
extern const module vsp_aot_module;
instance *vsp_aot_instantiate(const void *config, failure *error);
int vsp_aot_define_import(instance *, const char *name, uint32_t params, uint32_t results, import *fn, void *user);
int vsp_aot_call(instance *, const char *name, const int64_t *args, int64_t *results);
const failure *vsp_aot_last_error(instance *);
void vsp_aot_free(instance *);
]]
local program = ffi.load(arg[1] or './energy.so')
-- The layouts above are those of this version; the first two fields of the module never move.
assert(program.vsp_aot_module.abi_version == 1, 'the program was compiled for another version of its interface')

local failure = ffi.new('failure', ffi.sizeof('failure'))
local energy = program.vsp_aot_instantiate(nil, failure)
if energy == nil then error(ffi.string(failure.message)) end
energy = ffi.gc(energy, program.vsp_aot_free)

-- LuaJIT makes no machine code of what calls back, so programs are called from interpreted code.
jit.off(true, true)
local factor = ffi.cast('import *', function(_, _, _, results)
	results[0] = 3
	return 0
end)
program.vsp_aot_define_import(energy, 'host.factor', 0, 1, factor, nil)

-- The one result of an exported function; a trap is an error.
local function call(name, ...)
	local args, result = ffi.new('int64_t[?]', select('#', ...), ...), ffi.new('int64_t[1]')
	if program.vsp_aot_call(energy, name, args, result) ~= 0 then
		error(ffi.string(program.vsp_aot_last_error(energy).message), 0)
	end
	return tonumber(result[0])
end

print('sum of squares: ' .. call('sum_squares', 10))
print('scaled: ' .. call('scale', 10))
local _, trap = pcall(call, 'divide', 1, 0)
print('trapped: ' .. trap)
