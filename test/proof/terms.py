"""Terms of fixed-width integers, truth values and floats, as a graph in which equal terms are one
object.

Constructors simplify: constants are folded, sums become linear combinations, operands of
commutative operations are put in order, and narrowing is pushed inwards. So two programs that
compute the same thing in the same way become the same object, and need no solver. Every rule is an
identity of SMT-LIB's bit-vectors; test/proof/selftest.py evaluates random terms with and without
the rules.

A term's width is its number of bits; truth values have width 1; floats have width 'f32' or 'f64'.
"""


class Term:
    __slots__ = ("op", "args", "width", "value", "number")

    def __init__(self, op, args, width, value, number):
        self.op, self.args, self.width, self.value, self.number = op, args, width, value, number

    def __repr__(self):
        return "#%d(%s)" % (self.number, self.op)


_table = {}


def _make(op, args, width, value=None):
    key = (op, tuple(a.number for a in args), width, value)
    found = _table.get(key)
    if found is None:
        found = _table[key] = Term(op, tuple(args), width, value, len(_table))
    return found


def mask(width):
    return (1 << width) - 1


def signed(value, width):
    return value - (1 << width) if value >> (width - 1) else value


def const(value, width):
    return _make("const", (), width, value & mask(width))


def var(name, width):
    return _make("var", (), width, name)


TRUE, FALSE = const(1, 1), const(0, 1)


def boolean(value):
    return TRUE if value else FALSE


def is_const(t):
    return t.op == "const"


def _sorted(terms):
    return sorted(terms, key=lambda t: t.number)


# ---- sums: value is (coefficients, constant) ----

def _parts(t):
    """t as a list of (term, coefficient) and a constant."""
    if t.op == "const":
        return [], t.value
    if t.op == "sum":
        return list(zip(t.args, t.value[0])), t.value[1]
    return [(t, 1)], 0


def _zeros(n):
    """Zero bits at the end of n, which is not 0."""
    return (n & -n).bit_length() - 1


def _low_part(t, coefficient, width):
    """A term that can replace t where a multiple of a power of two leaves only its low bits:
    extensions of them are the same."""
    zeros = _zeros(coefficient) if coefficient else 0
    if zeros > 0 and t.op in ("zext", "sext") and t.args[0].op == "extract":
        inner = t.args[0]
        if inner.value[1] == 0 and inner.width >= width - zeros and inner.args[0].width == width:
            return inner.args[0]
    return t


def linear(pairs, constant, width):
    total, m = {}, mask(width)
    for term, coefficient in pairs:
        inner, k = _parts(_low_part(term, coefficient, width))
        constant += k * coefficient
        for x, c in inner:
            total[x] = total.get(x, 0) + c * coefficient
    items = sorted(((x, c & m) for x, c in total.items() if c & m), key=lambda p: p[0].number)
    constant &= m
    if not items:
        return const(constant, width)
    if len(items) == 1 and items[0][1] == 1 and constant == 0:
        return items[0][0]
    if len(items) == 1 and items[0][0].op == "ite" and all(is_const(a) for a in items[0][0].args[1:]):
        (c, x, y), k = items[0][0].args, items[0][1]
        return ite(c, const(x.value * k + constant, width), const(y.value * k + constant, width))
    return _make("sum", [x for x, _ in items], width, (tuple(c for _, c in items), constant))


def add(*xs):
    return linear([(x, 1) for x in xs], 0, xs[0].width)


def sub(x, y):
    return linear([(x, 1), (y, -1)], 0, x.width)


def neg(x):
    return linear([(x, -1)], 0, x.width)


def mul(x, y):
    if is_const(x):
        x, y = y, x
    if is_const(y):
        return linear([(x, y.value)], 0, x.width)
    for p, q in ((x, y), (y, x)):
        if p.op == "sum" and len(p.args) == 1 and p.value[1] == 0:
            return linear([(mul(p.args[0], q), p.value[0][0])], 0, x.width)
    return _make("mul", _sorted([x, y]), x.width)


def mulhu(x, y):
    """The high half of the unsigned product, an operation of its own."""
    if is_const(x) and is_const(y):
        return const(x.value * y.value >> x.width, x.width)
    return _make("mulhu", _sorted([x, y]), x.width)


# ---- bits ----

def _logic(op, xs, unit, fold):
    """and, or, xor of integers or truth values: flat, in order, constants together."""
    width, constant, terms = xs[0].width, unit, []
    for x in xs:
        for t in x.args if x.op == op else (x,):
            if is_const(t):
                constant = fold(constant, t.value)
            else:
                terms.append(t)
    return width, constant, terms


def and_(*xs):
    width, constant, terms = _logic("and", xs, mask(xs[0].width), lambda p, q: p & q)
    terms = list(dict.fromkeys(terms))
    if constant == 0 or (width == 1 and any(not_(t) in terms for t in terms)):
        return const(0, width)
    if not terms:
        return const(constant, width)
    if width > 1 and constant != mask(width):
        low = constant.bit_length()
        inner = terms[0] if len(terms) == 1 else _make("and", _sorted(terms), width)
        if constant == mask(low):
            return zext(extract(low - 1, 0, inner), width)
        if constant == 1 << low - 1:
            return ite(extract(low - 1, low - 1, inner), const(constant, width), const(0, width))
        terms.append(const(constant, width))
    return terms[0] if len(terms) == 1 else _make("and", _sorted(terms), width)


def or_(*xs):
    width, constant, terms = _logic("or", xs, 0, lambda p, q: p | q)
    terms = list(dict.fromkeys(terms))
    if constant == mask(width) or (width == 1 and any(not_(t) in terms for t in terms)):
        return const(mask(width), width)
    if not terms:
        return const(constant, width)
    if constant:
        terms.append(const(constant, width))
    return terms[0] if len(terms) == 1 else _make("or", _sorted(terms), width)


def xor(*xs):
    width, constant, terms = _logic("xor", xs, 0, lambda p, q: p ^ q)
    odd = {}
    for t in terms:
        odd[t] = not odd.get(t, False)
    terms = [t for t, keep in odd.items() if keep]
    if width == 1:
        result = FALSE
        for t in terms:
            result = not_(eq(result, t)) if result is not FALSE else t
        return not_(result) if constant else result
    if not terms:
        return const(constant, width)
    if constant:
        terms.append(const(constant, width))
    return terms[0] if len(terms) == 1 else _make("xor", _sorted(terms), width)


def not_(x):
    if x.width > 1:
        return xor(x, const(mask(x.width), x.width))
    if is_const(x):
        return boolean(not x.value)
    return x.args[0] if x.op == "not" else _make("not", [x], 1)


def extract(high, low, x):
    """Bits high..low of x; a truth value when that is one bit."""
    width = high - low + 1
    if width == x.width:
        return x
    if is_const(x):
        return const(x.value >> low, width)
    if x.op == "extract":
        return extract(high + x.value[1], low + x.value[1], x.args[0])
    if x.op in ("zext", "sext"):
        inner = x.args[0]
        if high < inner.width:
            return extract(high, low, inner)
        if x.op == "zext":
            if low >= inner.width:
                return const(0, width)
            if width > 1:
                return zext(extract(inner.width - 1, low, inner), width)
        elif low >= inner.width - 1:
            return sext(extract(inner.width - 1, inner.width - 1, inner), width)
        elif width > 1:
            return sext(extract(inner.width - 1, low, inner), width)
    if x.op == "ite" and any(is_const(a) for a in x.args[1:]):
        return ite(x.args[0], extract(high, low, x.args[1]), extract(high, low, x.args[2]))
    if x.op in ("and", "or", "xor"):
        return {"and": and_, "or": or_, "xor": xor}[x.op](*[extract(high, low, a) for a in x.args])
    if low == 0 and x.op == "sum" and width > 1:
        return linear([(extract(high, 0, a), c) for a, c in zip(x.args, x.value[0])], x.value[1], width)
    if low > 0 and x.op == "sum":
        zeros = min(_zeros(c) for c in (*x.value[0], x.value[1] or 1 << low))
        zeros = min(zeros, low, x.width - 2)
        if zeros > 0:
            rest = x.width - zeros
            pairs = [(extract(rest - 1, 0, a), c >> zeros) for a, c in zip(x.args, x.value[0])]
            return extract(high - zeros, low - zeros, linear(pairs, x.value[1] >> zeros, rest))
    if low == 0 and x.op == "mul" and width > 1:
        return mul(*[extract(high, 0, a) for a in x.args])
    if x.op == "mul" and width > 1 and high + 1 == x.width == 2 * width:
        narrow = _factors(x, width)
        if narrow:
            return mulhu(*narrow[1]) if narrow[0] == "zext" else _mulhs(*narrow[1])
    if x.op in ("sdiv", "srem", "udiv", "urem") and low == 0 and 2 * width == x.width:
        return _narrow_division(x, width) or _make("extract", [x], width, (high, low))
    return _make("extract", [x], width, (high, low))


def _narrow_to(x, width, how):
    """The value of width bits that x extends, or None."""
    if x.op == how and x.args[0].width <= width:
        inner = x.args[0]
        return inner if inner.width == width else (zext if how == "zext" else sext)(inner, width)
    if is_const(x):
        small = const(x.value, width)
        wide = small.value if how == "zext" else signed(small.value, width) & mask(x.width)
        return small if wide == x.value else None
    return None


def _factors(x, width):
    for how in ("zext", "sext"):
        narrow = [_narrow_to(a, width, how) for a in x.args]
        if None not in narrow:
            return how, narrow
    return None


def _mulhs(x, y):
    """Lemma "signed product": with a and b the sign bits, (x - a 2^n)(y - b 2^n) = xy - 2^n (ay +
    bx) + ab 2^2n, so the high half of the signed product is that of the unsigned one less y where x
    is negative and x where y is. (lemmas.py)
    """
    zero, top = const(0, x.width), x.width - 1
    return sub(mulhu(x, y), add(ite(extract(top, top, x), y, zero), ite(extract(top, top, y), x, zero)))


def _narrow_division(x, width):
    """Lemma "narrow division": the quotient and remainder of extended values, narrowed again, are
    those of the values, for divisors other than 0 (MIN / -1 = MIN). Divisors are proved not to be 0
    wherever something is divided. (lemmas.py)
    """
    how = "zext" if x.op[0] == "u" else "sext"
    narrow = [_narrow_to(a, width, how) for a in x.args]
    return None if None in narrow else divide(x.op, *narrow)


def zext(x, width):
    if x.width == width:
        return x
    if is_const(x):
        return const(x.value, width)
    if x.width == 1:
        return ite(x, const(1, width), const(0, width))
    if x.op == "zext":
        return zext(x.args[0], width)
    if x.op == "ite" and is_const(x.args[1]) and is_const(x.args[2]):
        return ite(x.args[0], zext(x.args[1], width), zext(x.args[2], width))
    return _make("zext", [x], width)


def sext(x, width):
    if x.width == width:
        return x
    if is_const(x):
        return const(signed(x.value, x.width), width)
    if x.width == 1:
        return ite(x, const(-1, width), const(0, width))
    if x.op == "sext":
        return sext(x.args[0], width)
    if x.op == "zext":
        return zext(x.args[0], width)
    if x.op == "ite" and is_const(x.args[1]) and is_const(x.args[2]):
        return ite(x.args[0], sext(x.args[1], width), sext(x.args[2], width))
    return _make("sext", [x], width)


def shl(x, count):
    if is_const(count):
        return const(0, x.width) if count.value >= x.width else linear([(x, 1 << count.value)], 0, x.width)
    return _make("shl", [x, count], x.width)


def lshr(x, count):
    if is_const(count):
        if count.value >= x.width:
            return const(0, x.width)
        return zext(extract(x.width - 1, count.value, x), x.width)
    return _make("lshr", [x, count], x.width)


def ashr(x, count):
    if is_const(count):
        return sext(extract(x.width - 1, min(count.value, x.width - 1), x), x.width)
    return _make("ashr", [x, count], x.width)


# ---- division, as SMT-LIB has it: of 0 too, and MIN / -1 = MIN ----

def fold_division(op, x, y, width):
    if op[0] == "u":
        return ((x // y) if y else mask(width)) if op == "udiv" else (x % y if y else x)
    x, y = signed(x, width), signed(y, width)
    if y == 0:
        return (1 if x < 0 else -1) if op == "sdiv" else x
    quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
    return quotient if op == "sdiv" else x - quotient * y


def divide(op, x, y):
    if is_const(x) and is_const(y):
        return const(fold_division(op, x.value, y.value, x.width), x.width)
    if is_const(y) and signed(y.value, y.width) == 1:
        return x if op.endswith("div") else const(0, x.width)
    if is_const(y) and op[0] == "s" and signed(y.value, y.width) == -1:
        return neg(x) if op == "sdiv" else const(0, x.width)
    if y.op == "ite" and (is_const(y.args[1]) or is_const(y.args[2])):
        return ite(y.args[0], divide(op, x, y.args[1]), divide(op, x, y.args[2]))
    if op != "sdiv" and x.width > 32:  # lemma "narrow division"
        extend = sext if op == "srem" else zext
        narrow = [_narrow_to(a, x.width // 2, extend.__name__) for a in (x, y)]
        if None not in narrow:
            return extend(divide(op, *narrow), x.width)
    return _make(op, [x, y], x.width)


# ---- comparisons and choice ----

def eq(x, y):
    if x is y:
        return TRUE
    if is_const(x) and is_const(y):
        return boolean(x.value == y.value)
    if is_const(x) or (not is_const(y) and y.number < x.number):
        x, y = y, x
    if x.width == 1:
        if is_const(y):
            return x if y.value else not_(x)
        if x.op == "not" or y.op == "not":
            inner = [a.args[0] if a.op == "not" else a for a in (x, y)]
            flipped = (x.op == "not") != (y.op == "not")
            return not_(eq(*inner)) if flipped else eq(*inner)
    elif is_const(y):
        if x.op == "ite":
            c, p, q = x.args
            if is_const(p) or is_const(q):
                return ite(c, eq(p, y), eq(q, y))
        if x.op == "udiv" and y.value == 0:  # lemma "zero quotient"
            return ult(*x.args)
        if x.op == "sum" and len(x.args) == 1 and x.value[1] == 0 and y.value == 0:
            rest = x.width - _zeros(x.value[0][0])
            if 1 < rest < x.width:
                return eq(extract(rest - 1, 0, mul(x.args[0], const(x.value[0][0] >> (x.width - rest), x.width))), const(0, rest))
        if x.op == "sum" and x.value[0] == (1,):
            return eq(x.args[0], const(y.value - x.value[1], x.width))
        if x.op in ("zext", "sext"):
            narrow = _narrow_to(y, x.args[0].width, x.op)
            return eq(x.args[0], narrow) if narrow else FALSE
        if x.op == "xor" and is_const(x.args[0]) and len(x.args) == 2:
            return eq(x.args[1], const(y.value ^ x.args[0].value, x.width))
    else:
        for a, b in ((x, y), (y, x)):
            if a.op == "sext" and a.width == 2 * a.args[0].width and b.op == "mul" and _factors(b, a.args[0].width):
                n = a.args[0].width
                halves = extract(n - 1, 0, b), extract(2 * n - 1, n, b)
                return and_(eq(halves[0], a.args[0]), eq(halves[1], ashr(a.args[0], const(n - 1, n))))
    return _make("eq", [x, y], 1)


def _compare(op, x, y, test):
    if x is y:
        return FALSE
    if is_const(x) and is_const(y):
        return boolean(test(x, y))
    return _make(op, [x, y], 1)


def ult(x, y):
    if is_const(y) and y.value == 0:
        return FALSE
    if is_const(y) and y.value == 1:
        return eq(x, const(0, x.width))
    return _compare("ult", x, y, lambda p, q: p.value < q.value)


def slt(x, y):
    top = x.width - 1
    if is_const(y) and y.value == 0:
        return extract(top, top, x)
    if is_const(x) and x.value == mask(x.width):
        return not_(extract(top, top, y))
    return _compare("slt", x, y, lambda p, q: signed(p.value, p.width) < signed(q.value, q.width))


def ule(x, y):
    return not_(ult(y, x))


def sle(x, y):
    return not_(slt(y, x))


def ite(c, x, y):
    if is_const(c):
        return x if c.value else y
    if x is y:
        return x
    if c.op == "not":
        return ite(c.args[0], y, x)
    if y.op == "ite" and y.args[0] is c:
        return ite(c, x, y.args[2])
    if x.op == "ite" and x.args[0] is c:
        return ite(c, x.args[1], y)
    if y.op in ("sdiv", "srem") and c is eq(y.args[1], const(-1, y.width)):  # division by -1 is what it is
        if x is divide(y.op, y.args[0], const(-1, y.width)):
            return y
    if x.width == 1:
        if is_const(x):
            return or_(c, y) if x.value else and_(not_(c), y)
        if is_const(y):
            return or_(not_(c), x) if y.value else and_(c, x)
    return _make("ite", [c, x, y], x.width)


def implies(c, x):
    return or_(not_(c), x)


# ---- floats ----

def bits_of(width):
    return {"f32": 32, "f64": 64}[width]


def to_float(bits):
    if bits.op == "bitsof":
        return bits.args[0]
    return _make("tofp", [bits], "f%d" % bits.width)


def to_bits(x):
    """The bits of a float. Those of a NaN that was computed are any: a value about which nothing
    else is known."""
    if x.op == "tofp":
        return x.args[0]
    if x.op == "ite":
        return ite(x.args[0], to_bits(x.args[1]), to_bits(x.args[2]))
    return _make("bitsof", [x], bits_of(x.width))


def float_op(op, *xs):
    """fadd fsub fmul fdiv fma fsqrt, to nearest even; rtn rtp rtz rne: to an integer."""
    return _make(op, _sorted(xs) if op in ("fadd", "fmul") else xs, xs[0].width)


def float_test(op, x, y):
    """feq flt fle, of which NaN makes false, or fsame: one value (zeros differ by sign, NaNs do not
    differ)."""
    if op == "fsame" and x is y:
        return TRUE
    return _make(op, _sorted([x, y]) if op in ("feq", "fsame") else [x, y], 1)


def is_nan(x):
    if x.op == "fcvt":
        return is_nan(x.args[0])
    return _make("fnan", [x], 1)


def convert(x, width):
    """To another float format; narrowing a widened value gives the original."""
    return x if x.width == width else _make("fcvt", [x], width)


def from_integer(x, width, is_signed):
    if is_const(x):
        from evaluate import bits_of_float, round_integer
        value = round_integer(signed(x.value, x.width) if is_signed else x.value, width)
        return to_float(const(bits_of_float(value, width), bits_of(width)))
    return _make("of_sbv" if is_signed else "of_ubv", [x], width)


def to_integer(x, width, is_signed):
    """Toward zero; unspecified out of range. Widening a float changes no value."""
    if x.op == "fcvt" and x.width == "f64":
        x = x.args[0]
    return _make("to_sbv" if is_signed else "to_ubv", [x], width)
