"""The effect of instructions, written from the instruction set's definition (section 4 for memory,
5 for the rest), independently of any code of VSP. Each definition is a function of an Inputs and
returns an Outcome; the comment above it is the sentence it comes from.

"fl ZNO: Integer ALU results (immediate forms like their register forms) set Z (result = 0), N
(result < 0) and O (signed overflow at the operation's width for ADD SUB MUL NEG ABS DIV, else 0);
flags of .W operations are those of the .W result."
"""

from terms import (FALSE, TRUE, add, and_, ashr, const, convert, divide, eq, extract, float_op, float_test, from_integer, is_nan, ite,
                   lshr, mask, mul, not_, or_, sext, shl, sle, slt, sub, to_bits, to_float, to_integer, ule, ult, xor, zext)

FORMS = {}  # name: definition
EXACT = 66  # bits in which effective addresses are exact


class Inputs:
    """a b c d: the registers that the fields name; imm: the immediate, as 64 bits; z n o: the
    flags; sp: 32 bits; size: of memory, 64 bits; memory(n): the n bytes that an access finds;
    layers: the low bytes of R0..RF; counter: R12; collapse: C; table: targets of BRTAB.
    """


class Outcome:
    """regs: field to its new value (64 bits); floats: field to a float that it holds; flags: z n o
    where written; traps: (condition, kind); taken: does a branch jump; sp: the new one; access:
    (kind, exact address, bytes, stored value); layers: new low bytes, zero-extended.
    """

    def __init__(self, **given):
        self.regs, self.floats, self.flags, self.traps = {}, {}, None, []
        self.taken = self.sp = self.access = self.layers = self.counter = self.target = None
        self.__dict__.update(given)

    def trap(self, kind=None):
        return or_(FALSE, *[c for c, k in self.traps if kind in (None, k)])


def form(*names):
    def define(function):
        for name in names:
            FORMS[name] = function
        return function
    return define


def zero(width):
    return const(0, width)


def minimum(width):
    return const(1 << width - 1, width)


def flags(result, overflow=FALSE):
    return {"z": eq(result, zero(result.width)), "n": slt(result, zero(result.width)), "o": overflow}


# ---- the shapes of integer instructions: .W forms read the low halves and sign-extend ----

def view(x, width):
    return extract(width - 1, 0, x)


def integer(name, operation, writes_flags=True, narrow=True, unary=False, divides=False):
    """NAME and NAME.W; operation(width, x[, y]) returns the result and its overflow."""
    def at(width):
        def define(m):
            operands = [view(m.b, width)] if unary else [view(m.b, width), view(m.c, width)]
            result, overflow = operation(width, *operands)
            out = Outcome(regs={"a": sext(result, 64)})
            if writes_flags:
                out.flags = flags(result, overflow)
            if divides:  # "zero divisor traps DIV_BY_ZERO"
                out.traps = [(eq(operands[1], zero(width)), "DIV_BY_ZERO")]
            return out
        return define
    FORMS[name] = at(64)
    if narrow:
        FORMS[name + "_W"] = at(32)


def immediate(name, register_form):
    """An immediate form: its register form with the immediate for c."""
    def define(m):
        other = Inputs()
        other.__dict__.update(m.__dict__)
        other.c = m.imm
        return FORMS[register_form](other)
    FORMS[name] = define


def exactly(operation, wide):
    """The result modulo 2^width of an operation on exact integers, and whether it overflows."""
    def define(width, x, y):
        exact = operation(sext(x, wide(width)), sext(y, wide(width)))
        result = extract(width - 1, 0, exact)
        return result, not_(eq(exact, sext(result, wide(width))))
    return define


def without_overflow(operation):
    return lambda width, *operands: (operation(width, *operands), FALSE)


# ADD SUB MUL Ra, Rb, Rc: fl ZNO
integer("ADD", exactly(add, lambda w: w + 1))
integer("SUB", exactly(sub, lambda w: w + 1))
integer("MUL", exactly(mul, lambda w: 2 * w))
# DIV toward zero [...]; MIN/-1 = MIN, O=1 (as SMT-LIB's bvsdiv, but for the overflow)
integer("DIV", lambda w, x, y: (divide("sdiv", x, y), and_(eq(x, minimum(w)), eq(y, const(-1, w)))), divides=True)
# MOD with the dividend's sign; MIN mod -1 = 0, O=0 (as bvsrem)
integer("MOD", without_overflow(lambda w, x, y: divide("srem", x, y)), divides=True)
# DIVU MODU: trap on zero; fl ZN, O=0
integer("DIVU", without_overflow(lambda w, x, y: divide("udiv", x, y)), divides=True)
integer("MODU", without_overflow(lambda w, x, y: divide("urem", x, y)), divides=True)
# AND OR XOR: fl ZN, O=0
integer("AND", without_overflow(lambda w, x, y: and_(x, y)))
integer("OR", without_overflow(lambda w, x, y: or_(x, y)))
integer("XOR", without_overflow(lambda w, x, y: xor(x, y)))
integer("NOT", without_overflow(lambda w, x: not_(x)), unary=True)


# "count U(c) mod the width": the widths are powers of two, so that is the low bits
def count(w, y):
    bits = {64: 6, 32: 5}[w]
    return zext(extract(bits - 1, 0, y), w)


integer("SHL", without_overflow(lambda w, x, y: shl(x, count(w, y))))
integer("SHR", without_overflow(lambda w, x, y: lshr(x, count(w, y))))
integer("SAR", without_overflow(lambda w, x, y: ashr(x, count(w, y))))


# ROTL ROTR: bits that leave on one side come in on the other; SMT-LIB's shift by the width or more
# gives 0
def rotate(x, left, right, n):
    return or_(left(x, n), right(x, sub(const(x.width, x.width), n)))


integer("ROTL", without_overflow(lambda w, x, y: rotate(x, shl, lshr, count(w, y))))
integer("ROTR", without_overflow(lambda w, x, y: rotate(x, lshr, shl, count(w, y))))
# NEG ABS: of MIN: MIN, O=1
integer("NEG", lambda w, x: (sub(zero(w), x), eq(x, minimum(w))), unary=True)
integer("ABS", lambda w, x: (ite(slt(x, zero(w)), sub(zero(w), x), x), eq(x, minimum(w))), unary=True)
# MIN MAX MINU MAXU: no flags
integer("MIN", without_overflow(lambda w, x, y: ite(sle(x, y), x, y)), writes_flags=False)
integer("MAX", without_overflow(lambda w, x, y: ite(sle(y, x), x, y)), writes_flags=False)
integer("MINU", without_overflow(lambda w, x, y: ite(ule(x, y), x, y)), writes_flags=False)
integer("MAXU", without_overflow(lambda w, x, y: ite(ule(y, x), x, y)), writes_flags=False)


# MULH MULHU: high 64 bits (.W: high 32); no flags
def high_half(extend):
    return without_overflow(lambda w, x, y: extract(2 * w - 1, w, mul(extend(x, 2 * w), extend(y, 2 * w))))


integer("MULH", high_half(sext), writes_flags=False)
integer("MULHU", high_half(zext), writes_flags=False)


def how_many(w, conditions):  # at most 64
    return zext(add(zero(8), *[zext(c, 8) for c in conditions]), w)


# CLZ, CTZ of 0: the width. The number of n for which the n highest (lowest) bits are all 0
integer("CLZ", without_overflow(lambda w, x: how_many(w, [eq(lshr(x, const(w - n, w)), zero(w)) for n in range(1, w + 1)])),
        writes_flags=False, unary=True)
integer("CTZ", without_overflow(lambda w, x: how_many(w, [eq(shl(x, const(w - n, w)), zero(w)) for n in range(1, w + 1)])),
        writes_flags=False, unary=True)
integer("POPCNT", without_overflow(lambda w, x: how_many(w, [extract(n, n, x) for n in range(w)])), writes_flags=False, unary=True)
integer("BSWAP", without_overflow(lambda w, x: or_(*[
    shl(zext(extract(n + 7, n, x), w), const(w - 8 - n, w)) for n in range(0, w, 8)])), writes_flags=False, unary=True)

for width_, names_ in ((8, ("SEXT8", "ZEXT8")), (16, ("SEXT16", "ZEXT16")), (32, ("SEXT32", "ZEXT32"))):
    for name_, extend_ in zip(names_, (sext, zext)):
        # SEXT8 SEXT16 SEXT32 ZEXT8 ZEXT16 ZEXT32 Ra, Rb: no flags
        FORMS[name_] = lambda m, w=width_, extend=extend_: Outcome(regs={"a": extend(view(m.b, w), 64)})

# SEQ SNE SLT SLE SLTU SLEU Ra, Rb, Rc: 1 or 0; no flags
COMPARISONS = {"EQ": eq, "NE": lambda x, y: not_(eq(x, y)), "LT": slt, "LE": sle, "LTU": ult, "LEU": ule,
               "GE": lambda x, y: sle(y, x), "GEU": lambda x, y: ule(y, x)}
for name_ in ("EQ", "NE", "LT", "LE", "LTU", "LEU"):
    FORMS["S" + name_] = lambda m, test=COMPARISONS[name_]: Outcome(regs={"a": zext(test(m.b, m.c), 64)})
# BEQ BNE BLT BGE BLTU BGEU Ra, Rb, target: compare 64-bit and branch
for name_ in ("EQ", "NE", "LT", "GE", "LTU", "GEU"):
    FORMS["B" + name_] = lambda m, test=COMPARISONS[name_]: Outcome(taken=test(m.a, m.b))


# CMP: Z equal, N signed less, O 0
def compared(x, y):
    return Outcome(flags={"z": eq(x, y), "n": slt(x, y), "o": FALSE})


form("CMP")(lambda m: compared(m.a, m.b))
form("CMP_W")(lambda m: compared(view(m.a, 32), view(m.b, 32)))
form("CMPI")(lambda m: compared(m.a, m.imm))
# TEST: ZN of a AND b, O 0
form("TEST")(lambda m: Outcome(flags=flags(and_(m.a, m.b))))
form("TEST_W")(lambda m: Outcome(flags=flags(and_(view(m.a, 32), view(m.b, 32)))))
# SEL Ra, Rd, Rb, Rc: Ra = Rd != 0 ? Rb : Rc; no flags
form("SEL")(lambda m: Outcome(regs={"a": ite(not_(eq(m.d, zero(64))), m.b, m.c)}))

# "ADDI MULI ANDI ORI XORI SHLI SHRI SARI Ra, Rb, imm8: as the register form, 64-bit"; the others of
# these lines likewise
for name_ in ("ADD", "MUL", "AND", "OR", "XOR"):
    immediate(name_ + "I_8", name_)
    immediate(name_ + "I_32", name_)
for name_ in ("SHL", "SHR", "SAR", "ROTL", "ROTR"):
    immediate(name_ + "I", name_)
for name_ in ("ADD", "MUL"):
    immediate(name_ + "I_W_8", name_ + "_W")
    immediate(name_ + "I_W_32", name_ + "_W")
for name_ in ("SHL", "SHR", "SAR", "ROTR"):
    immediate(name_ + "I_W", name_ + "_W")

# ---- moves and control ----

form("NOP")(lambda m: Outcome())
form("MOV")(lambda m: Outcome(regs={"a": m.b}))
form("XCHG")(lambda m: Outcome(regs={"a": m.b, "b": m.a}))
# MOVI Ra, imm: sign-extended
form("MOVI_8", "MOVI_32", "MOVI_64")(lambda m: Outcome(regs={"a": m.imm}))
# BZ BNZ Ra, target
form("BZ")(lambda m: Outcome(taken=eq(m.a, zero(64))))
form("BNZ")(lambda m: Outcome(taken=not_(eq(m.a, zero(64)))))
form("JMP")(lambda m: Outcome(taken=TRUE))
# JZ JN JC JO: flag set; JNZ JNN JNO: flag clear
form("JZ")(lambda m: Outcome(taken=m.z))
form("JN")(lambda m: Outcome(taken=m.n))
form("JO")(lambda m: Outcome(taken=m.o))
form("JC")(lambda m: Outcome(taken=m.collapse))
form("JNZ")(lambda m: Outcome(taken=not_(m.z)))
form("JNN")(lambda m: Outcome(taken=not_(m.n)))
form("JNO")(lambda m: Outcome(taken=not_(m.o)))


@form("LOOP")  # R12 = R12-1; jump if R12 != 0
def loop(m):
    left = sub(m.counter, const(1, 64))
    return Outcome(counter=left, taken=not_(eq(left, zero(64))))


# BRTAB Ra, t0, t1, ...: jump to target U(a) if U(a) < n, else continue
form("BRTAB")(lambda m: Outcome(target=m.a))

# ---- memory: "The effective address of [Rb+disp] is zext(W(b)) + disp and of [SP+disp] SP + disp,
# exact integers" ----


def exact(x):
    return zext(x, EXACT)


def displaced(base, imm):
    return add(exact(base), sext(imm, EXACT))


def based(m):
    return displaced(view(m.b, 32), m.imm)


# ea = zext(W(b)) + imm32 unsigned, exact
def far(m):
    return add(exact(view(m.b, 32)), zext(view(m.imm, 32), EXACT))


# ea = zext(W(b) + W(c)*size modulo 2^32)
def indexed(size):
    return lambda m: exact(add(view(m.b, 32), mul(view(m.c, 32), const(size, 32))))


def on_stack(m):
    return displaced(m.sp, m.imm)


# imm24 and imm32 addresses are unsigned
def absolute(m):
    return exact(m.imm)


def loads(name, address, size, extend=zext):
    def define(m):
        data = m.memory(size)
        return Outcome(regs={"a": extend(data, 64)}, access=("load", address(m), size, None))
    FORMS[name] = define


def stores(name, address, size):
    FORMS[name] = lambda m: Outcome(access=("store", address(m), size, view(m.a, 8 * size)))


# LOAD / STORE Ra, [Rb+imm16]: 64-bit; LD8U LD8S LD16U LD16S LD32U LD32S, ST8 ST16 ST32; with .D
# [Rb+imm32]
for size_, extend_, suffix_ in ((1, zext, "8U"), (1, sext, "8S"), (2, zext, "16U"), (2, sext, "16S"), (4, zext, "32U"), (4, sext, "32S")):
    loads("LD" + suffix_, based, size_, extend_)
    loads("LDX_" + suffix_, indexed(size_), size_, extend_)
    loads("LD" + suffix_ + "_D", far, size_, extend_)
for size_ in (1, 2, 4, 8):
    stores("ST%d" % (8 * size_) if size_ < 8 else "STORE", based, size_)
    stores("STX_%d" % (8 * size_), indexed(size_), size_)
    stores("ST%d_D" % (8 * size_) if size_ < 8 else "STORE_D", far, size_)
loads("LOAD", based, 8)
loads("LOAD_D", far, 8)
loads("LDX_64", indexed(8), 8)
loads("LOAD_A", absolute, 8)
stores("STORE_A", absolute, 8)
loads("LDSP", on_stack, 8)
stores("STSP", on_stack, 8)


@form("PUSH")  # PUSH stores at exactly SP-8, then SP -= 8
def push(m):
    return Outcome(access=("store", displaced(m.sp, const(-8, 64)), 8, m.a), sp=sub(m.sp, const(8, 32)))


@form("POP")  # POP loads at SP, then SP += 8
def pop(m):
    return Outcome(regs={"a": m.memory(8)}, access=("load", exact(m.sp), 8, None), sp=add(m.sp, const(8, 32)))


def state_loads(address):  # LSTATE: 16 bytes to L0..LF; results in layers are zero-extended
    def define(m):
        data = m.memory(16)
        return Outcome(layers=[extract(8 * n + 7, 8 * n, data) for n in range(16)], access=("load", address(m), 16, None))
    return define


def state_stores(address):  # SSTATE: L0..LF to 16 bytes
    return lambda m: Outcome(access=("store", address(m), 16, or_(*[
        shl(zext(layer, 128), const(8 * n, 128)) for n, layer in enumerate(m.layers)])))


for suffix_, address_ in (("A", absolute), ("B", based)):
    FORMS["LSTATE_" + suffix_] = state_loads(address_)
    FORMS["SSTATE_" + suffix_] = state_stores(address_)

# GETSP / SETSP Ra: zero-extends / takes W(a); LEAVE: SP += imm16; LEASP: Ra = zext(SP + imm16); SP
# arithmetic is modulo 2^32
form("GETSP")(lambda m: Outcome(regs={"a": zext(m.sp, 64)}))
form("SETSP")(lambda m: Outcome(sp=view(m.a, 32)))
form("LEAVE")(lambda m: Outcome(sp=add(m.sp, view(m.imm, 32))))
form("LEASP")(lambda m: Outcome(regs={"a": zext(add(m.sp, view(m.imm, 32)), 64)}))


@form("ENTER")  # SP -= imm16; ENTER traps STACK_OVERFLOW if SP - imm16 < 0x10000 exactly
def enter(m):
    return Outcome(sp=sub(m.sp, view(m.imm, 32)),
                   traps=[(slt(sub(exact(m.sp), exact(m.imm)), const(0x10000, EXACT)), "STACK_OVERFLOW")])


# MEMSIZE Ra: pages [of 64 KiB]
form("MEMSIZE")(lambda m: Outcome(regs={"a": lshr(m.size, const(16, 64))}))


# "An access of n bytes at ea is valid when 0x10000 <= ea and ea + n <= size in exact arithmetic."
def valid(ea, n, size):
    return and_(sle(const(0x10000, EXACT), ea), sle(add(ea, const(n, EXACT)), exact(size)))


# "An invalid access whose first byte lies in [0x8000, 0x10000) is STACK_OVERFLOW, any other
# OUT_OF_BOUNDS"
def access_trap(ea):
    return ite(and_(sle(const(0x8000, EXACT), ea), slt(ea, const(0x10000, EXACT))), const(2, 32), const(1, 32))


# ---- layers: "x xorl y = x ^ y ^ 0x80 on the bytes"; .B results are zero-extended ----

form("XORL")(lambda m: Outcome(regs={"a": zext(xor(view(m.b, 8), view(m.c, 8), const(0x80, 8)), 64)}))
form("ANDL")(lambda m: Outcome(regs={"a": zext(and_(view(m.b, 8), view(m.c, 8)), 64)}))
form("ORL")(lambda m: Outcome(regs={"a": zext(or_(view(m.b, 8), view(m.c, 8)), 64)}))
form("NOTL")(lambda m: Outcome(regs={"a": zext(not_(view(m.a, 8)), 64)}))

# ---- floats: F an IEEE double, S an IEEE float in the low 32 bits, zero-extended ----


def real(x, kind):
    return to_float(view(x, 64 if kind == "F" else 32))


def is_float(kind, result):
    return Outcome(floats={"a": (result, kind)})


def has_bits(bits):
    return Outcome(regs={"a": zext(bits, 64)})


for kind_, width_ in (("F", 64), ("S", 32)):
    n_ = "_" + kind_
    # ADD.F SUB.F MUL.F DIV.F: IEEE, round to nearest even, subnormals on, never contracted
    for name_, op_ in (("ADD", "fadd"), ("SUB", "fsub"), ("MUL", "fmul"), ("DIV", "fdiv")):
        FORMS[name_ + n_] = lambda m, k=kind_, op=op_: is_float(k, float_op(op, real(m.b, k), real(m.c, k)))
    # SQRT.F FLOOR.F CEIL.F TRUNC.F ROUND.F; ROUND: ties to even
    for name_, op_ in (("SQRT", "fsqrt"), ("FLOOR", "rtn"), ("CEIL", "rtp"), ("TRUNC", "rtz"), ("ROUND", "rne")):
        FORMS[name_ + n_] = lambda m, k=kind_, op=op_: is_float(k, float_op(op, real(m.b, k)))
    # FMA: b*c+d fused
    FORMS["FMA" + n_] = lambda m, k=kind_: is_float(k, float_op("fma", real(m.b, k), real(m.c, k), real(m.d, k)))
    # NEG, ABS, COPYSIGN only change the sign bit, of a NaN too
    FORMS["NEG" + n_] = lambda m, w=width_: has_bits(xor(view(m.b, w), minimum(w)))
    FORMS["ABS" + n_] = lambda m, w=width_: has_bits(and_(view(m.b, w), const(mask(w - 1), w)))
    FORMS["COPYSIGN" + n_] = lambda m, w=width_: has_bits(
        or_(and_(view(m.b, w), const(mask(w - 1), w)), and_(view(m.c, w), minimum(w))))

    # MIN.F MAX.F: NaN wins; -0 < +0
    def extreme(m, kind, least):
        w = 64 if kind == "F" else 32
        x, y = real(m.b, kind), real(m.c, kind)
        negative = extract(w - 1, w - 1, to_bits(x))
        less = or_(float_test("flt", x, y), and_(float_test("feq", x, y), negative))
        nan = to_float(const(0x7FF8 << 48 if w == 64 else 0x7FC00000, w))
        chosen = ite(less, x, y) if least else ite(less, y, x)
        return is_float(kind, ite(or_(is_nan(x), is_nan(y)), nan, chosen))
    FORMS["MIN" + n_] = lambda m, k=kind_, define=extreme: define(m, k, True)
    FORMS["MAX" + n_] = lambda m, k=kind_, define=extreme: define(m, k, False)
    # CMP.F: Z equal, N less, O unordered (then Z = N = 0)
    FORMS["CMP" + n_] = lambda m, k=kind_: Outcome(flags={
        "z": float_test("feq", real(m.a, k), real(m.b, k)), "n": float_test("flt", real(m.a, k), real(m.b, k)),
        "o": or_(is_nan(real(m.a, k)), is_nan(real(m.b, k)))})
    # SEQ.F SNE.F SLT.F SLE.F: SNE with NaN = 1, the others 0
    for name_, op_ in (("SEQ", "feq"), ("SLT", "flt"), ("SLE", "fle")):
        FORMS[name_ + n_] = lambda m, k=kind_, op=op_: Outcome(
            regs={"a": zext(float_test(op, real(m.b, k), real(m.c, k)), 64)})
    FORMS["SNE" + n_] = lambda m, k=kind_: Outcome(
        regs={"a": zext(not_(float_test("feq", real(m.b, k), real(m.c, k))), 64)})

# I2F U2F F2S S2F: rounded to nearest even
form("I2F")(lambda m: is_float("F", from_integer(m.b, "f64", True)))
form("I2S")(lambda m: is_float("S", from_integer(m.b, "f32", True)))
form("U2F")(lambda m: is_float("F", from_integer(m.b, "f64", False)))
form("U2S")(lambda m: is_float("S", from_integer(m.b, "f32", False)))
form("F2S")(lambda m: is_float("S", convert(real(m.b, "F"), "f32")))
form("S2F")(lambda m: is_float("F", convert(real(m.b, "S"), "f64")))


# F2I F2U (toward zero, saturating, NaN 0)
def saturated(x, is_signed):
    limit = from_integer(const(1 << (63 if is_signed else 64), 65), x.width, False)
    least = from_integer(const(-(1 << 63), 64), x.width, True) if is_signed else to_float(zero(64 if x.width == "f64" else 32))
    value = ite(float_test("fle", limit, x), const(mask(63 if is_signed else 64), 64), to_integer(x, 64, is_signed))
    value = ite(float_test("fle", x, least), minimum(64) if is_signed else zero(64), value)
    return Outcome(regs={"a": ite(is_nan(x), zero(64), value)})


# F2I.W F2U.W: toward zero, saturating to 32 bits, NaN 0; result sign-extended
def saturated_word(x, is_signed):
    limit = from_integer(const(1 << (31 if is_signed else 32), 65), x.width, False)
    least = from_integer(const(-(1 << 31), 64), x.width, True) if is_signed else to_float(zero(64 if x.width == "f64" else 32))
    value = ite(float_test("fle", limit, x), const(mask(31 if is_signed else 32), 32), to_integer(x, 32, is_signed))
    value = ite(float_test("fle", x, least), minimum(32) if is_signed else zero(32), value)
    return Outcome(regs={"a": sext(ite(is_nan(x), zero(32), value), 64)})


for kind_, name_ in (("F", "F"), ("S", "S")):
    FORMS[name_ + "2I_W"] = lambda m, k=kind_: saturated_word(real(m.b, k), True)
    FORMS[name_ + "2U_W"] = lambda m, k=kind_: saturated_word(real(m.b, k), False)
    FORMS[name_ + "2I"] = lambda m, k=kind_: saturated(real(m.b, k), True)
    FORMS[name_ + "2U"] = lambda m, k=kind_: saturated(real(m.b, k), False)
