"""The value of a term for given values of its variables: for goals that no solver proves, for the
tests of the simplifier, and by its own code, so that a mistake in terms.py or smt.py does not hide
itself. Floats are Python's, which are doubles; single ones are rounded after each operation, which
for these operations is the same as rounding once.
"""

import math
import struct
from fractions import Fraction

from terms import bits_of, fold_division, mask, signed


def _single(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def float_of_bits(bits, width):
    return struct.unpack("<d" if width == "f64" else "<f", bits.to_bytes(bits_of(width) // 8, "little"))[0]


def bits_of_float(x, width):
    return int.from_bytes(struct.pack("<d" if width == "f64" else "<f", x), "little")


def round_integer(n, width):
    """The integer n to the nearest float, ties to even."""
    precision = 53 if width == "f64" else 24
    extra = max(0, abs(n).bit_length() - precision)
    low = abs(n) & ((1 << extra) - 1)
    kept = abs(n) >> extra
    half = 1 << extra >> 1
    kept += low > half or (extra > 0 and low == half and kept & 1)
    return math.copysign(math.ldexp(kept, extra), n) if n else 0.0


def _divide(x, y):
    if y == 0 and not math.isnan(x):
        return math.nan if x == 0 else math.copysign(math.inf, x) * math.copysign(1, y)
    return x / y if y else math.nan


def _guarded(function, *xs):
    try:
        return function(*xs)
    except (OverflowError, ValueError):
        return math.nan


def _to_integral(x, function):
    return x if math.isinf(x) or math.isnan(x) else math.copysign(function(x), x)


def _fma(x, y, z):
    if any(math.isnan(v) or math.isinf(v) for v in (x, y, z)):
        return x * y + z
    exact = Fraction(x) * Fraction(y) + Fraction(z)
    return float(exact) if exact else x * y + z


_FLOAT = {
    "fadd": lambda x, y: x + y, "fsub": lambda x, y: x - y, "fmul": lambda x, y: x * y, "fdiv": _divide, "fma": _fma,
    "fsqrt": lambda x: x if x == 0 else _guarded(math.sqrt, x), "rtn": lambda x: _to_integral(x, math.floor),
    "rtp": lambda x: _to_integral(x, math.ceil), "rtz": lambda x: _to_integral(x, math.trunc), "rne": lambda x: _to_integral(x, round),
}
_TESTS = {"feq": lambda x, y: x == y, "flt": lambda x, y: x < y, "fle": lambda x, y: x <= y}


def _shift(op, x, count, width):
    if op == "ashr":
        return signed(x, width) >> min(count, width - 1) & mask(width)
    if count >= width:
        return 0
    return (x << count & mask(width)) if op == "shl" else x >> count


def _in_range(x, width, is_signed):
    low, high = (-(1 << width - 1), 1 << width - 1) if is_signed else (0, 1 << width)
    return not math.isnan(x) and not math.isinf(x) and low <= math.trunc(x) < high


def apply(t, args):
    """t's operation on values; integers and truth values are non-negative ints, floats floats."""
    op, width = t.op, t.width
    if op == "sum":
        return (sum(x * c for x, c in zip(args, t.value[0])) + t.value[1]) & mask(width)
    if op in ("and", "or", "xor"):
        result = args[0]
        for x in args[1:]:
            result = result & x if op == "and" else result | x if op == "or" else result ^ x
        return result
    if op in ("shl", "lshr", "ashr"):
        return _shift(op, args[0], args[1], width)
    if op in ("udiv", "urem", "sdiv", "srem"):
        return fold_division(op, args[0], args[1], width) & mask(width)
    if op in _TESTS:
        return int(_TESTS[op](*args))
    if op in _FLOAT:
        x = _FLOAT[op](*args)
        return _single(x) if width == "f32" else x
    if op in ("to_sbv", "to_ubv"):
        return math.trunc(args[0]) & mask(width) if _in_range(args[0], width, op == "to_sbv") else 0
    inner = t.args[0].width
    return {
        "mul": lambda: args[0] * args[1] & mask(width),
        "mulhu": lambda: args[0] * args[1] >> width,
        "not": lambda: 1 - args[0],
        "extract": lambda: args[0] >> t.value[1] & mask(width),
        "zext": lambda: args[0],
        "sext": lambda: signed(args[0], inner) & mask(width),
        "eq": lambda: int(args[0] == args[1]),
        "ult": lambda: int(args[0] < args[1]),
        "slt": lambda: int(signed(args[0], inner) < signed(args[1], inner)),
        "ite": lambda: args[1] if args[0] else args[2],
        "tofp": lambda: float_of_bits(args[0], width),
        "bitsof": lambda: bits_of_float(args[0], inner),
        "fsame": lambda: int(math.isnan(args[0]) and math.isnan(args[1]) or
                             bits_of_float(args[0], inner) == bits_of_float(args[1], inner)),
        "fnan": lambda: int(math.isnan(args[0])),
        "fcvt": lambda: _single(args[0]) if width == "f32" else args[0],
        "of_sbv": lambda: round_integer(signed(args[0], inner), width),
        "of_ubv": lambda: round_integer(args[0], width),
    }[op]()


def evaluate(term, values, cache=None):
    """values maps names of variables to values; those not named are 0."""
    cache = {} if cache is None else cache
    stack = [term]
    while stack:
        t = stack[-1]
        if t in cache:
            stack.pop()
            continue
        if t.op == "const":
            cache[t] = t.value
        elif t.op == "var":
            cache[t] = values.get(t.value, 0) & mask(t.width)
        else:
            missing = [a for a in t.args if a not in cache]
            if missing:
                stack.extend(missing)
                continue
            cache[t] = apply(t, [cache[a] for a in t.args])
        stack.pop()
    return cache[term]
