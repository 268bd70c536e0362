"""All cases of a proof - a form, the code that implements it, and how it is used there - and the
verdict on each.
"""

from collections import namedtuple

import goals
import smt
from code_text import LOAD, STORE, Question
from isa import EXACT, FORMS, Inputs, access_trap, valid
from symbolic import Executor, Pointer, plain
from terms import FALSE, add, and_, boolean, const, eq, extract, implies, ite, not_, sext, var, zext
from worlds import SIZE, Helper, Interpreter, Lowered, size_is_sane

# verdict: 'identical', 'solved', 'open' (the solver gave up) or 'refuted'; steps: goals that stayed
# open
Result = namedtuple("Result", "form where case verdict detail open")

PATTERNS = [(5, 6, 7, 8), (5, 5, 5, 5), (5, 6, 5, 8), (5, 5, 7, 8), (5, 6, 6, 8), (5, 6, 7, 5)]
FLOATS = ("_F", "_S")


def immediates(form, full):
    """All immediates of a small range; of a large one some at its ends and around powers of two."""
    if form.least == form.most:
        return [form.least]
    values = {form.least, form.most}
    if full and form.most - form.least <= 256:
        values = set(range(form.least, form.most + 1))
    elif full:
        for bit in range(0, 64, 2):
            values |= {1 << bit, -(1 << bit), (1 << bit) - 1}
    return sorted(v for v in values if form.least <= v <= form.most)


def option_sets(form, full):
    """Letters of proof_emit: explicit bounds or guard pages, with and without facts for the
    optimiser, and everything else that changes the code."""
    if form.effects & (LOAD | STORE):
        return ["-", "og", "gpm", "ok", "r"] + (["o", "os", "g", "k", "or", "gpt", "ogpm", "op", "s", "p"] if full else [])
    if form.name.endswith(FLOATS) or form.name in ("F2S", "S2F"):
        return ["-", "on"] + (["o", "n", "os"] if full else [])
    return ["-", "o"] + (["g", "ogpm", "s", "gpt"] if full else [])


def questions(forms, full, only=()):
    result = []
    for form in forms.values():
        if form.name not in FORMS or (only and form.name not in only):
            continue
        for options in option_sets(form, full):
            for n, imm in enumerate(immediates(form, full)):
                patterns = PATTERNS if full else PATTERNS[:3] if options == "o" else PATTERNS[:1]
                for fields in patterns if n == 0 else patterns[:1]:
                    result.append(Question(form.name, options, fields, imm))
    return result


def settle(solver, named, steps):
    """The verdict on named goals together, the names of open ones, or a refutation."""
    verdicts, left = set(), []
    for name, goal in dict.fromkeys(named):
        verdict, detail = smt.valid(solver, goal, steps)
        if verdict == "refuted":
            return verdict, "%s: %s" % (name, detail), [goal]
        verdicts.add(verdict)
        if verdict == "open":
            left.append((name, goal))
    if left:
        return "open", ", ".join(dict.fromkeys(n for n, _ in left)), [g for _, g in left]
    return "solved" if "solved" in verdicts else "identical", "", []


def prove_lowered(solver, layout, question, module, steps):
    world = Lowered(layout)
    executor = Executor(world)
    name = next(iter(module.where))
    named = []
    for path in executor.run(module, name, world.arguments()):
        named += goals.lowered_goals(world, path, question.form, question.options, question.fields, question.imm)
    verdict, detail, left = settle(solver, named, steps)
    case = "options %s, fields %s, immediate %d" % (question.options, "".join("%x" % f for f in question.fields), question.imm)
    return Result(question.form, "lowering", case, verdict, detail, left)


# ---- the interpreter ----

def lazy_operands(form):
    """The operands of which the flags of a form are a function, by the shapes of ir/opcodes.def."""
    if form.startswith(("CMP", "TEST")):
        return "a", "imm" if form == "CMPI" else "b"
    if form.rstrip("_W") in ("NOT", "NEG", "ABS") or form in ("NOT", "NEG", "ABS", "NOT_W", "NEG_W", "ABS_W"):
        return "b", None
    return ("b", "imm") if "I" in form.split("_")[0][-1:] else ("b", "c")


def prove_handler(solver, layout, module, helpers, form, version, steps):
    world = Interpreter(layout, helpers)
    name = "vsp_do_" + form + ("_" + version if version else "")
    named = []
    for path in Executor(world).run(module, name, world.arguments()):
        path.lazy = lazy_operands(form)
        named += goals.interpreter_goals(world, path, form, version)
    verdict, detail, left = settle(solver, named, steps)
    return Result(form, "interpreter", name, verdict, detail, left)


def prove_flags(solver, layout, module, form, steps):
    """The flags function of a form, to which the operands that it recorded are given later."""
    world = Helper(layout)
    first, second = var("first", 64), var("second", 64)
    m = Inputs()
    names = lazy_operands(form)
    for field in "abcd":
        setattr(m, field, var("unused", 64))
    m.imm = second
    setattr(m, names[0], first)
    if names[1]:
        setattr(m, names[1], second)
    out = FORMS[form](m)
    named = []
    args = [plain(first), plain(second)][:len(module.function("flags_" + form).params)]
    for path in Executor(world).run(module, "flags_" + form, args):
        # Where the form traps no flags are recorded.
        facts = goals.Goals(path, not_(out.trap()))
        for n, duty in enumerate(facts.all):
            facts.all[n] = (duty[0], implies(not_(out.trap()), duty[1]))
        wanted = goals.flags_byte(out.flags["z"], out.flags["n"], out.flags["o"], 32)
        facts.add("flags", eq(path.end[1][0].term, wanted))
        named += facts.all
    verdict, detail, left = settle(solver, named, steps)
    return Result(form, "interpreter", "flags_" + form, verdict, detail, left)


def handlers(module, form):
    for version in ("", "LAZY", "ZNO", "CHECKED", "BACK"):
        name = "vsp_do_" + form + ("_" + version if version else "")
        if name in module:
            yield version


# ---- the runtime's checks ----

def prove_check(solver, layout, modules, name, args, wanted, steps):
    """A check of the runtime: 0 only for valid accesses, and the kind of trap otherwise."""
    world = Helper(layout, modules)
    named = []
    for path in Executor(world).run(next(m for m in modules if name in m), name, args):
        facts = goals.Goals(path, size_is_sane())
        if path.end[0] == "ret":
            facts.add("status", wanted(path.end[1][0].term))
        elif path.end[0] != "loop":
            facts.add("end " + path.end[0], FALSE)
        named += facts.all
    verdict, detail, left = settle(solver, named, steps)
    return Result(name, "runtime", "", verdict, detail, left)


def checks(solver, layout, modules, sizes, steps):
    """The proofs about the runtime's checks: (name, the function that proves it)."""
    rt, x = (Pointer(b, const(0, 64), FALSE) for b in ("rt", "x"))
    ea = var("ea", 64)
    no_ranges = var("null.*(rt+%d)" % layout["rt.ranges"], 1)

    def exactly(n, status):
        return eq(status, ite(valid(sext(ea, EXACT), n, SIZE), const(0, 32), access_trap(sext(ea, EXACT))))

    def with_ranges(n, status):
        return and_(implies(no_ranges, exactly(n, status)),
                    implies(eq(status, const(0, 32)), valid(sext(ea, EXACT), n, SIZE)))

    def check(name, args, wanted):
        return name, lambda: prove_check(solver, layout, modules, name, args, wanted, steps)
    for n in sizes:
        size, write = plain(const(n, 64)), plain(var("write", 32))
        yield check("vsp_rt_check", [rt, plain(ea), size], lambda status, n=n: exactly(n, status))
        yield check("vsp_rt_check_kernel", [rt, plain(ea), size, write], lambda status, n=n: with_ranges(n, status))
        yield check("vsp_exec_check", [x, plain(ea), plain(const(n, 32)), plain(var("writes", 1))],
                    lambda status, n=n: with_ranges(n, status))
    for name in ("vsp_rt_lstate", "vsp_rt_sstate"):
        yield name, lambda name=name: prove_state(solver, layout, modules, name, steps)
    yield check("vsp_rt_fail", [rt, plain(var("kind", 32)), Pointer("format", const(0, 64), FALSE)],
                lambda status: eq(status, var("kind", 32)))
    for n in sizes:  # a checked address is unchanged, and every address that passes a mispredicted check stays in memory or its null zone
        yield check("proof_mask", [plain(ea), plain(const(n, 32)), plain(SIZE)],
                    lambda at, n=n: implies(goals.inside_reservation(sext(ea, EXACT), 0),
                                            eq(at, ite(valid(sext(ea, EXACT), n, SIZE), ea, const(0, 64)))))
    yield check("proof_access_kind", [plain(ea)], lambda status: eq(status, access_trap(sext(ea, EXACT))))


def prove_state(solver, layout, modules, name, steps):
    """vsp_rt_lstate and vsp_rt_sstate: the 16 bytes at ea, all or none."""
    world, ea = Helper(layout, modules), var("ea", 64)
    kind = "load" if name.endswith("lstate") else "store"
    named = []
    args = [Pointer("rt", const(0, 64), FALSE), Pointer("F", const(0, 64), FALSE), plain(ea)]
    for path in Executor(world).run(next(m for m in modules if name in m), name, args):
        facts = goals.Goals(path, size_is_sane())
        if path.end[0] == "ret":
            state_goals(facts, world, path, ea, kind)
        elif path.end[0] != "loop":
            facts.add("end " + path.end[0], FALSE)
        named += facts.all
    verdict, detail, left = settle(solver, named, steps)
    return Result(name, "runtime", "", verdict, detail, left)


def state_goals(facts, world, path, ea, kind):
    accesses = [e for e in path.events if e.kind in ("load", "store")]
    good, status = valid(sext(ea, EXACT), 16, SIZE), path.end[1][0].term
    no_ranges = var("null.*(rt+%d)" % world.layout["rt.ranges"], 1)
    facts.add("status", implies(no_ranges, eq(status, ite(good, const(0, 32), access_trap(sext(ea, EXACT))))))
    if not accesses:
        facts.add("without an access it is a trap", not_(eq(status, const(0, 32))))
        facts.add("a trap writes nothing", boolean(not path.written("F")))
        return
    facts.add("bounds", good)
    facts.add("no trap", eq(status, const(0, 32)))
    facts.add("bytes", boolean(len(accesses) == 16))
    for n, e in enumerate(accesses):
        offset, size, data = e.data
        register = world.read(path, "F", const(8 * n, 64), 64)
        facts.add("byte %d" % n, and_(boolean(e.kind == kind and size == 1), eq(offset, add(ea, const(n, 64)))))
        facts.add("layer %d" % n, eq(register, zext(data, 64)) if kind == "load" else eq(data, extract(7, 0, register)))
