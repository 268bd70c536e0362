"""A host in Python: python3 examples/hosts/host.py ./energy.so"""
import ctypes
import sys

program = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "./energy.so", mode=ctypes.RTLD_LOCAL)
# The layouts below are those of this version; the first two fields of the module, its size and the
# version, never move.
if (ctypes.c_uint32 * 2).in_dll(program, "vsp_aot_module")[1] != 1:
    sys.exit("the program was compiled for another version of its interface")
program.vsp_aot_instantiate.restype = ctypes.c_void_p
program.vsp_aot_instantiate.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
program.vsp_aot_free.argtypes = [ctypes.c_void_p]
program.vsp_aot_last_error.restype = ctypes.c_void_p
program.vsp_aot_last_error.argtypes = [ctypes.c_void_p]

Words = ctypes.POINTER(ctypes.c_int64)
IMPORT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, Words, Words)
program.vsp_aot_define_import.argtypes = [
    ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_uint32, IMPORT, ctypes.c_void_p]


@IMPORT
def factor(user, caller, args, results):
    results[0] = 3
    return 0


def call(name, *args):
    """Calls an exported function with one result; a trap is an exception."""
    function = getattr(program, name)
    function.argtypes = [ctypes.c_void_p, Words, Words]
    values, result = (ctypes.c_int64 * max(len(args), 1))(*args), ctypes.c_int64()
    if function(instance, values, ctypes.byref(result)) != 0:
        # vsp_error: size and code, 4 bytes each, then the message
        raise RuntimeError(ctypes.string_at(program.vsp_aot_last_error(instance) + 8).decode())
    return result.value


instance = program.vsp_aot_instantiate(None, None)
program.vsp_aot_define_import(instance, b"host.factor", 0, 1, factor, None)
print("sum of squares:", call("sum_squares", 10))
print("scaled:", call("scale", 10))
try:
    call("divide", 1, 0)
except RuntimeError as trap:
    print("trapped:", trap)
program.vsp_aot_free(instance)
