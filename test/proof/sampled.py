"""Cases that are not proved, and the reasons. Where code computes by a loop or beyond the reach of
solvers, its value for chosen inputs is compared with the definition; each such case is listed here
by name, and an open case that is not listed is a lost proof and fails the test.
"""

import itertools

from evaluate import evaluate
from symbolic import Executor, plain
from terms import const, mask, signed
from worlds import Helper

# (form, where): reason
OPEN = {}

# Forms about which nothing is proved: why, and which.
ELSEWHERE = {
    "look-ups in tables, by the same functions in every tier; unit.test_bytesil compares whole tables":
        "MUL_B DIV_B ADD_B SUB_B POW_B ROOT_B INV_B CONJ_B MAG_B PHASE_B SCALE_B ROTATE_B LERP_B SLERP_B I2B B2I F2B B2F",
    "a loop over the exponent's bits: sampled": "POW POW_W",
    "several registers, modes and gradients at once: unit.test_layers":
        "SHIFTL ROTATL FOLD SPREAD GATHER GRAD DESCENT EMERGE COLLAPSE SETMODE PROMOTE DEMOTE TRUNCATE XORDEM AVGDEM MAXDEM COMPAT",
    "functions of the C library, opaque in every tier":
        "POW_F POW_S SIN_F COS_F TAN_F ASIN_F ACOS_F ATAN_F EXP_F EXP2_F LOG_F LOG2_F LOG10_F CBRT_F SINH_F COSH_F TANH_F EXPM1_F ATAN2_F "
        "HYPOT_F FMOD_F",
    "words outside registers and memory, which the worlds of the proof do not have: programs.*, differential*":
        "LDLOC STLOC GGET GSET INVOKET",
    "calls and ends, no arithmetic: programs.*, differential*, attack.*":
        "HLT RET TRAP CALL INVOKE INVOKEI TRANS PIPE LAUNCH",
    "functions of the runtime: unit.test_batch, unit.test_host, unit.test_syscalls":
        "YIELD HCALL SYSCALL IN OUT SENSE ACT SYNC BROADCAST RECEIVE ENTANGLE GRADB DESCB VMAP_MUL VMAP_DIV VMAP_ADD VMAP_SUB VMAP_XORL "
        "VMAP_ANDL VMAP_ORL VMAP_COPY VMAP_CONJ VMAP_INV VRED_MUL VRED_ADD VRED_XOR INFER MEMCPY MEMSET MEMGROW HINT_CPU HINT_GPU HINT_NPU "
        "HINT_ANY HINT_FPGA HINT_DSP BATCH UNBATCH PREFETCH FENCE",
}

EDGES = [0, 1, 2, 3, 7, 31, 32, 33, 63, 64, 65, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
         0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001, 0xFFFFFFFF00000000, 0xFFFFFFFF80000000,
         mask(64) - 1, mask(64), 0x123456789ABCDEF0, 0x3FF0000000000000, 0x7FF0000000000000, 0x7FF8000000000000, 0xC3E0000000000000,
         0x7F800000, 0x7FC00000, 0xDF000000, 0x5F000000]


def variables(term):
    found, seen, stack = {}, set(), [term]
    while stack:
        t = stack.pop()
        if t in seen:
            continue
        seen.add(t)
        if t.op == "var":
            found[t.value] = t.width
        stack.extend(t.args)
    return sorted(found.items())


def sample(goal, limit):
    """Is an open goal true for chosen values? How many were tried, and values that make it false or
    None."""
    names = variables(goal)
    tried = 0
    for values in itertools.islice(itertools.product(EDGES, repeat=min(len(names), 3)), limit):
        chosen = {n: v & mask(w) for (n, w), v in zip(names, values)}
        for extra, (n, w) in enumerate(names[3:]):
            chosen[n] = EDGES[(tried + 7 * extra) % len(EDGES)] & mask(w)
        tried += 1
        if not evaluate(goal, chosen):
            return tried, chosen
    return tried, None


def power(b, c, width):
    """POW: wrapping; x^0 = 1; negative exponent: 1 for base 1, +-1 for base -1, else 0 (0 too)."""
    x, n = signed(b & mask(width), width), signed(c & mask(width), width)
    if n >= 0:
        result = pow(x, n, 1 << width)
    else:
        result = {1: 1, -1: 1 if n % 2 == 0 else -1}.get(x, 0)
    return signed(result & mask(width), width) & mask(64)


def sample_power(layout, pure, tables, values):
    """POW is a loop over the exponent's bits: run on chosen values, result and flags. Returns the
    number of runs and the failures."""
    runs, wrong = 0, []
    executor = Executor(Helper(layout))
    for name, width in (("pow", 64), ("pow_w", 32)):
        for b, c in itertools.product(values, repeat=2):
            args = [plain(const(b, 64)), plain(const(c, 64))]
            wanted = power(b, c, width)
            flags = (wanted == 0) | (wanted >> 63) << 1
            found = executor.run(pure, "vsp_call_" + name, args)[0].end[1][0].term
            status = executor.run(tables, "flags_" + name.upper(), args)[0].end[1][0].term
            runs += 1
            if found is not const(wanted, 64) or status is not const(flags, 32):
                wrong.append("%s of %x and %x" % (name.upper(), b, c))
    return runs, wrong
