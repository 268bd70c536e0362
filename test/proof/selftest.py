"""Tests whether the prover finds mistakes. Wrong definitions and wrong IR must be refuted, each by
values that show it; random terms must have the same value with and without the simplifier's rules;
and the lemmas must hold at small widths.
"""

import random

import cases
import lemmas
import llvm_text
import smt
import terms
from code_text import Emitted, Question
from evaluate import evaluate
from isa import FORMS, Outcome
from symbolic import NotKnown
from terms import FALSE, add, const, eq, extract, ite, mul, not_, sext, shl, signed, slt, sub, ult, zext

STEPS = 3000000

# (form, options, immediate, what to find in its IR, what to put there instead): each is one mistake
# a lowering could make.
WRONG_IR = [
    ("ADD", "o", 0, "add i64", "sub i64"),
    ("ADD", "o", 0, "add i64", "add nsw i64"),
    ("ADD", "o", 0, "sadd.with", "ssub.with"),
    ("ADD_W", "-", 0, "sext i32", "zext i32"),
    ("SUB", "-", 0, "icmp slt", "icmp ult"),
    ("MUL_W", "o", 0, "mul i32", "mul nuw i32"),
    ("DIV", "o", 0, "sdiv", "udiv"),
    ("DIV", "-", 0, "icmp eq i64 %{n}, 0\n  br", "icmp eq i64 %{n}, 1\n  br"),
    ("DIV_W", "o", 0, "i32 4, i32 %pc", "i32 3, i32 %pc"),
    ("MOD", "o", 0, "select i1 %{n}, i64 1", "select i1 %{n}, i64 -1"),
    ("SHL", "o", 0, "and i64 %{n}, 63", "and i64 %{n}, 127"),
    ("SHR_W", "o", 0, "lshr", "ashr"),
    ("SAR", "-", 0, "ashr", "lshr"),
    ("ROTL", "o", 0, "fshl", "fshr"),
    ("ROTR", "-", 0, "lshr", "shl"),
    ("ABS", "o", 0, "i1 false)", "i1 true)"),
    ("CLZ", "o", 0, "i1 false)", "i1 true)"),
    ("CTZ_W", "o", 0, "cttz", "ctlz"),
    ("MULHU", "o", 0, "zext i64", "sext i64"),
    ("MINU", "o", 0, "umin", "smin"),
    ("SLTU", "o", 0, "icmp ult", "icmp ule"),
    ("SEL", "o", 0, "icmp ne", "icmp eq"),
    ("SEXT16", "o", 0, "sext", "zext"),
    ("BLT", "o", 0, "icmp slt", "icmp sle"),
    ("BGEU", "-", 0, "icmp uge", "icmp sge"),
    ("JN", "o", 0, "i1 %{n}, label %{a}, label %{b}", "i1 %{n}, label %{b}, label %{a}"),
    ("LD8S", "-", -8, "sext i8", "zext i8"),
    ("LOAD", "-", -8, "65543", "65542"),
    ("LOAD", "-", -8, "icmp uge", "icmp ugt"),
    ("LOAD", "-", -8, "zext i32", "sext i32"),
    ("LOAD", "g", 8, "add i64 %{n}, 8", "add i64 %{n}, 7"),
    ("STORE", "o", 8, "65543", "65536"),
    ("LDX_32U", "g", 0, "zext i32 %{n} to i64\n  %{m} = getelementptr", "sext i32 %{n} to i64\n  %{m} = getelementptr"),
    ("ENTER", "-", 100, "icmp ult", "icmp ule"),
    ("PUSH", "g", 0, "add i64 %{n}, -8", "add i64 %{n}, -16"),
    ("F2I", "o", 0, "fptosi.sat", "fptoui.sat"),
    ("SLT_F", "o", 0, "fcmp olt", "fcmp ult"),
    ("MIN_F", "o", 0, "minimum", "maximum"),
    ("FLOOR_S", "o", 0, "floor", "trunc"),
    ("U2F", "o", 0, "uitofp", "sitofp"),
    ("LEASP", "o", 16, "zext i32", "sext i32"),
]


def wrong_text(text, old, new):
    """text with the first place that looks like old made new; {n} {m} {a} {b} stand for names."""
    import re
    pattern, names = "", []
    for part in re.split(r"(\{\w\})", old):
        if re.fullmatch(r"\{\w\}", part):
            name = part[1]
            pattern += "(?P=%s)" % name if name in names else r"(?P<%s>[\w.]+)" % name
            names.append(name)
        else:
            pattern += re.escape(part)
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError("nothing like '%s' in\n%s" % (old, text))
    for name in names:
        new = new.replace("{%s}" % name, found.group(name))
    return text[:found.start()] + new + text[found.end():]


def attempt(prove, *args):
    """The verdict of a proof, also where something unknown is met."""
    try:
        return prove(*args)
    except (NotKnown, llvm_text.LlvmError) as error:
        return cases.Result("", "", "", "not known", str(error), [])


def refutes_ir(solver, program):
    asked = [Question(form, options, (5, 6, 7, 8), imm) for form, options, imm, _, _ in WRONG_IR]
    emitted, missed = Emitted(program, asked), []
    for question, module, (_, _, _, old, new) in zip(asked, emitted.modules, WRONG_IR):
        right = attempt(cases.prove_lowered, solver, emitted.layout, question, module, STEPS)
        if right.verdict not in ("identical", "solved"):
            missed.append("%s is %s as it is: %s" % (question.form, right.verdict, right.detail))
        wrong = llvm_text.Module(wrong_text("\n".join(module.lines), old, new))
        result = attempt(cases.prove_lowered, solver, emitted.layout, question, wrong, STEPS)
        if result.verdict != "refuted":
            missed.append("%s with '%s' for '%s': %s" % (question.form, new, old, result.verdict))
    return missed, len(asked)


def _with(form, **changed):
    """A definition with a part of its outcome changed by functions of inputs and outcome."""
    right = FORMS[form]

    def define(m):
        out = right(m)
        for name, change in changed.items():
            setattr(out, name, change(m, out))
        return out
    return define


def wrong_definitions():
    none = {"z": FALSE, "n": FALSE, "o": FALSE}
    return {
        "ADD": _with("ADD", flags=lambda m, o: {**o.flags, "o": FALSE}),
        "SUB_W": _with("SUB_W", regs=lambda m, o: {"a": zext(extract(31, 0, sub(m.b, m.c)), 64)}),
        "MUL": _with("MUL", regs=lambda m, o: {"a": add(mul(m.b, m.c), const(1, 64))}),
        "DIV": _with("DIV", traps=lambda m, o: []),
        "AND_W": _with("AND_W", flags=lambda m, o: none),
        "SHL_W": _with("SHL_W", regs=lambda m, o: {"a": sext(extract(31, 0, shl(m.b, zext(extract(5, 0, m.c), 64))), 64)}),
        "SLE": lambda m: Outcome(regs={"a": zext(slt(m.b, m.c), 64)}),
        "SEL": lambda m: Outcome(regs={"a": ite(eq(m.d, const(0, 64)), m.b, m.c)}),
        "BLTU": lambda m: Outcome(taken=slt(m.a, m.b)),
        "LOOP": _with("LOOP", taken=lambda m, o: not_(eq(m.counter, const(0, 64)))),
        "CMP": _with("CMP", flags=lambda m, o: {**o.flags, "n": ult(m.a, m.b)}),
        "LD16S": _with("LD16S", regs=lambda m, o: {"a": zext(m.memory(2), 64)}),
        "LDX_8U": _with("LDX_8U", access=lambda m, o: ("load", zext(add(m.b, m.c), 66), 1, None)),
        "ST32": _with("ST32", access=lambda m, o: (*o.access[:3], extract(63, 32, m.a))),
        "POP": _with("POP", sp=lambda m, o: add(m.sp, const(16, 32))),
        "ENTER": _with("ENTER", traps=lambda m, o: []),
        "F2I": _with("F2I", regs=lambda m, o: {"a": terms.to_integer(terms.to_float(m.b), 64, True)}),
        "XCHG": _with("XCHG", regs=lambda m, o: {"a": m.b, "b": m.b}),
    }


def refutes_definitions(solver, program, clang, source):
    """Both the lowering and the interpreter's handlers must be found to differ from a wrong
    definition."""
    from code_text import compiled
    wrong = wrong_definitions()
    asked = [Question(form, "-", (5, 6, 7, 8), 0) for form in wrong]
    emitted, missed, done = Emitted(program, asked), [], 0
    handlers = compiled(clang, source, "tiers/interp/loop_tail.c", "-DVSP_PAIRS=0")
    for question, module in zip(asked, emitted.modules):
        right = FORMS[question.form]
        FORMS[question.form] = wrong[question.form]
        try:
            results = [attempt(cases.prove_lowered, solver, emitted.layout, question, module, STEPS)]
            versions = [v for v in cases.handlers(handlers, question.form) if v in ("ZNO", "CHECKED", "")]
            results += [attempt(cases.prove_handler, solver, emitted.layout, handlers, [], question.form, v, STEPS) for v in versions]
        finally:
            FORMS[question.form] = right
        done += 2
        if results[0].verdict != "refuted":
            missed.append("wrong definition of %s: lowering %s" % (question.form, results[0].verdict))
        if all(r.verdict != "refuted" for r in results[1:]):
            missed.append("wrong definition of %s: interpreter %s" % (question.form, results[-1].verdict))
    return missed, done


# ---- the simplifier ----

def _random_term(chance, width, depth, variables):
    """A random term, and its value computed step by step from the operands' values."""
    def operand(w):
        return _random_term(chance, w, depth - 1, variables)
    if depth == 0 or chance.random() < 0.1:
        if chance.random() < 0.4:
            value = chance.choice([0, 1, 2, 1 << width - 1, (1 << width) - 1, chance.getrandbits(width)])
            return const(value, width), value & terms.mask(width)
        name = "v%d:%d" % (chance.randrange(3), width)
        value = variables.setdefault(name, chance.choice([0, 1, terms.mask(width), chance.getrandbits(width)]))
        return terms.var(name, width), value
    m = terms.mask(width)
    if width == 1:
        w = chance.choice([4, 8])
        (x, p), (y, q) = operand(w), operand(w)
        name, result = chance.choice([("eq", p == q), ("ult", p < q), ("ule", p <= q), ("slt", signed(p, w) < signed(q, w)),
                                      ("sle", signed(p, w) <= signed(q, w))])
        return getattr(terms, name)(x, y), int(result)
    kind = chance.randrange(8)
    if kind == 0:
        (c, p), (x, q), (y, r) = operand(1), operand(width), operand(width)
        return ite(c, x, y), q if p else r
    if kind == 1 and width == 8:
        (x, p) = operand(4)
        extend = chance.choice([zext, sext])
        return extend(x, 8), p if extend is zext else signed(p, 4) & m
    if kind == 2 and width == 4:
        (x, p), low = operand(8), chance.randrange(5)
        return extract(low + 3, low, x), p >> low & m
    (x, p), (y, q) = operand(width), operand(width)
    if kind == 3:
        name = chance.choice(["udiv", "urem", "sdiv", "srem"])
        return terms.divide(name, x, y), terms.fold_division(name, p, q, width) & m
    if kind == 4:
        count = const(chance.randrange(width + 1), width) if chance.random() < 0.7 else y
        n = count.value if terms.is_const(count) else q
        name, value = chance.choice([("shl", p << n & m if n < width else 0), ("lshr", p >> n), ("ashr", signed(p, width) >> n & m)])
        return getattr(terms, name)(x, count), value
    name, value = chance.choice([("add", p + q), ("sub", p - q), ("mul", p * q), ("and_", p & q), ("or_", p | q), ("xor", p ^ q)])
    return getattr(terms, name)(x, y), value & m


def wrong_simplifications(count):
    chance = random.Random(1)
    for n in range(count):
        variables = {}
        term, value = _random_term(chance, chance.choice([1, 4, 8]), 5, variables)
        if evaluate(term, variables) != value:
            return ["random term %d: %r is not %d with %r" % (n, term, value, variables)]
    return []


def run(args):
    solver = smt.Solver(args.z3)
    missed, done = refutes_ir(solver, args.emit)
    more, others = refutes_definitions(solver, args.emit, args.clang, args.source)
    missed += more
    missed += wrong_simplifications(5000)
    bad, lemma_checks = lemmas.check(solver, (3, 5), STEPS)
    missed += ["lemma " + name for name in bad]
    for line in missed:
        print("not told: " + line)
    print("%d mistakes in IR and %d in definitions are refuted, %d lemma checks and 5000 random terms hold; %d are not"
          % (done, others, lemma_checks, len(missed)))
    solver.close()
    return 1 if missed else 0
