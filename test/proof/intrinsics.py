"""LLVM's intrinsics and its float comparisons as terms, from the language reference. Each function
takes terms and returns a term, or a pair of terms for an intrinsic with two results; conditions
under which a result is poison are the third kind of thing here, in poison().
"""

from terms import (FALSE, add, and_, ashr, bits_of, const, divide, eq, extract, float_op, float_test, is_const, is_nan, ite, lshr, mask, mul, neg,
                   not_, or_, sext, shl, signed, slt, sub, to_bits, to_float, to_integer, ult, xor, zext)


def overflowing(op, x, y):
    """The result, and whether it differs from the exact one, for op add, sub or mul."""
    width = x.width
    wide = 2 * width if op is mul else width + 1
    result = op(x, y)
    return result, not_(eq(op(sext(x, wide), sext(y, wide)), sext(result, wide)))


def leading_zeros(x):
    count = const(x.width, x.width)
    for n in range(x.width):  # the highest one bit is decided last
        count = ite(extract(n, n, x), const(x.width - 1 - n, x.width), count)
    return count


def trailing_zeros(x):
    count = const(x.width, x.width)
    for n in reversed(range(x.width)):
        count = ite(extract(n, n, x), const(n, x.width), count)
    return count


def ones(x):
    return zext(add(*[zext(extract(n, n, x), 8) for n in range(x.width)]), x.width)


def bytes_reversed(x):
    width = x.width
    return or_(*[shl(zext(extract(n + 7, n, x), width), const(width - 8 - n, width)) for n in range(0, width, 8)])


def funnel(left, x, y, count):
    """The high (left) or low half of x:y shifted left or right by count modulo the width."""
    width = x.width
    n = and_(count, const(width - 1, width))
    back = sub(const(width, width), n)  # of 0 it is the width, and the shift gives 0
    return or_(shl(x, n), lshr(y, back)) if left else or_(lshr(y, n), shl(x, back))


def power_of_two(exponent, width):
    return to_float(const((1023 + exponent) << 52 if width == "f64" else (127 + exponent) << 23, bits_of(width)))


def saturating(x, width, is_signed):
    """A float toward zero, saturating, NaN 0."""
    fw = x.width
    if is_signed:
        low, least, most = xor_sign(power_of_two(width - 1, fw)), const(1 << width - 1, width), const(mask(width - 1), width)
    else:
        low, least, most = to_float(const(0, bits_of(fw))), const(0, width), const(mask(width), width)
    inside = to_integer(x, width, is_signed)
    above = float_test("fle", power_of_two(width - 1 if is_signed else width, fw), x)
    return ite(is_nan(x), const(0, width), ite(float_test("flt", x, low), least, ite(above, most, inside)))


def xor_sign(x):
    return to_float(xor(to_bits(x), const(1 << bits_of(x.width) - 1, bits_of(x.width))))


def absolute(x):
    return to_float(and_(to_bits(x), const(mask(bits_of(x.width) - 1), bits_of(x.width))))


def copy_sign(x, y):
    n = bits_of(x.width)
    return to_float(or_(and_(to_bits(x), const(mask(n - 1), n)), and_(to_bits(y), const(1 << n - 1, n))))


def extreme(x, y, least):
    """llvm.minimum and maximum: NaN wins, -0 is less than +0."""
    equal = or_(to_bits(x), to_bits(y)) if least else and_(to_bits(x), to_bits(y))
    first = float_test("flt", x, y) if least else float_test("flt", y, x)
    chosen = ite(float_test("feq", x, y), to_float(equal), ite(first, x, y))
    return ite(or_(is_nan(x), is_nan(y)), float_op("fadd", x, y), chosen)


def float_compare(predicate, x, y):
    unordered = or_(is_nan(x), is_nan(y))
    ordered = {
        "eq": lambda: float_test("feq", x, y), "lt": lambda: float_test("flt", x, y), "le": lambda: float_test("fle", x, y),
        "gt": lambda: float_test("flt", y, x), "ge": lambda: float_test("fle", y, x),
        "ne": lambda: and_(not_(float_test("feq", x, y)), not_(unordered)),
    }
    if predicate in ("ord", "uno"):
        return unordered if predicate == "uno" else not_(unordered)
    return ordered[predicate[1:]]() if predicate[0] == "o" else or_(unordered, ordered[predicate[1:]]())


INTRINSICS = {
    "sadd.with.overflow": lambda x, y: overflowing(add, x, y),
    "ssub.with.overflow": lambda x, y: overflowing(sub, x, y),
    "smul.with.overflow": lambda x, y: overflowing(mul, x, y),
    "usub.sat": lambda x, y: ite(ult(x, y), const(0, x.width), sub(x, y)),
    "smin": lambda x, y: ite(slt(x, y), x, y),
    "smax": lambda x, y: ite(slt(x, y), y, x),
    "umin": lambda x, y: ite(ult(x, y), x, y),
    "umax": lambda x, y: ite(ult(x, y), y, x),
    "abs": lambda x, _: ite(slt(x, const(0, x.width)), neg(x), x),
    "ctlz": lambda x, _: leading_zeros(x),
    "cttz": lambda x, _: trailing_zeros(x),
    "ctpop": ones,
    "bswap": bytes_reversed,
    "fshl": lambda x, y, n: funnel(True, x, y, n),
    "fshr": lambda x, y, n: funnel(False, x, y, n),
    "fabs": absolute,
    "copysign": copy_sign,
    "minimum": lambda x, y: extreme(x, y, True),
    "maximum": lambda x, y: extreme(x, y, False),
    "sqrt": lambda x: float_op("fsqrt", x),
    "floor": lambda x: float_op("rtn", x),
    "ceil": lambda x: float_op("rtp", x),
    "trunc": lambda x: float_op("rtz", x),
    "rint": lambda x: float_op("rne", x),  # VSP code runs in round-to-nearest
    "roundeven": lambda x: float_op("rne", x),
    "fma": lambda x, y, z: float_op("fma", x, y, z),
    "expect": lambda x, _: x,
}


def poison(name, args):
    """When the result of an intrinsic is poison."""
    if name == "abs":
        return and_(args[1], eq(args[0], const(1 << args[0].width - 1, args[0].width)))
    if name in ("ctlz", "cttz"):
        return and_(args[1], eq(args[0], const(0, args[0].width)))
    return FALSE


def narrowed(x, width, how):
    """Is x different from the extension of its low bits?"""
    back = (zext if how == "nuw" else sext)(extract(width - 1, 0, x), x.width)
    return not_(eq(back, x))


def _extended_from(x, how):
    """The number of bits of which x is known to be the extension."""
    if x.op == "const":
        value = signed(x.value, x.width) if how == "sext" else x.value
        return value.bit_length() + (how == "sext")
    if x.op == how or (how == "sext" and x.op == "zext"):
        return x.args[0].width + (x.op != how)
    return x.width


def products_that_fit(x, y):
    """Lemma "products": a product of n and m bits, both signed or both not, has n + m. (lemmas.py)"""
    return {flag for flag, how in (("nuw", "zext"), ("nsw", "sext")) if _extended_from(x, how) + _extended_from(y, how) <= x.width}


def arithmetic_poison(op, flags, x, y):
    """When add, sub, mul, shl, lshr, ashr, division, or with these flags is poison."""
    width, bad = x.width, []
    operation = {"add": add, "sub": sub, "mul": mul}.get(op)
    if op == "mul":
        flags = flags - products_that_fit(x, y)
    if operation:
        wide = 2 * width if op == "mul" else width + 1
        for flag, extend in (("nuw", zext), ("nsw", sext)):
            if flag in flags:
                exact = operation(extend(x, wide), extend(y, wide))
                bad.append(not_(eq(exact, extend(operation(x, y), wide))))
    if op in ("shl", "lshr", "ashr"):
        bad.append(not_(ult(y, const(width, width))))
        if "nuw" in flags:
            bad.append(not_(eq(lshr(shl(x, y), y), x)))
        if "nsw" in flags:
            bad.append(not_(eq(ashr(shl(x, y), y), x)))
        if "exact" in flags and is_const(y) and y.value:
            bad.append(not_(eq(extract(y.value - 1, 0, x), const(0, y.value))))
        elif "exact" in flags:
            bad.append(not_(eq(shl(lshr(x, y), y), x)))
    if op in ("udiv", "sdiv") and "exact" in flags:
        bad.append(not_(eq(divide(op[0] + "rem", x, y), const(0, width))))
    if op == "or" and "disjoint" in flags:
        bad.append(not_(eq(and_(x, y), const(0, width))))
    return or_(*bad) if bad else FALSE


def out_of_range(x, width, is_signed):
    """Does the float x have no integer of that width, toward zero?"""
    if is_signed:
        # -2^(n-1) - 1 is no double for n = 64: what is below -2^(n-1) is out of range, as is a NaN
        low = float_test("fle", xor_sign(power_of_two(width - 1, x.width)), x)
    else:
        low = float_test("flt", xor_sign(power_of_two(0, x.width)), x)
    return not_(and_(low, float_test("flt", x, power_of_two(width - 1 if is_signed else width, x.width))))
