"""The conditions under which each path through a piece of code agrees with a form's definition
(isa.py): goals, truth values that must hold for all values of their variables.
"""

from isa import EXACT, FORMS, Inputs, access_trap, valid
from terms import (FALSE, TRUE, add, and_, boolean, const, eq, extract, float_test, implies, is_const, is_nan, ite, linear, not_, or_, sext, shl,
                   sle, to_float, ult, var, zext)
from worlds import SIZE, TRAPS, size_is_sane

REACH = 1 << 33  # bytes that a base and an unsigned displacement of 32 bits can name
RESERVED = 1 << 16  # bytes with guard pages on either side of them


class Goals:
    """Named goals of one path, under its condition."""

    def __init__(self, path, *hypotheses):
        self.when = and_(TRUE, path.when, *hypotheses)
        self.all = [("poison or undefined behaviour", d) for d in path.duties]

    def add(self, name, condition, *facts):
        self.all.append((name, implies(and_(self.when, *facts), condition)))


def same_float(bits, result):
    """Does a register hold the float? The sign and payload of a NaN that was computed are any."""
    value, kind = result
    width = 64 if kind == "F" else 32
    return and_(float_test("fsame", to_float(extract(width - 1, 0, bits)), value),
                TRUE if width == 64 else eq(extract(63, 32, bits), const(0, 32)))


def canonical_float(bits, result):
    """The same with --deterministic: NaN is 7FF8000000000000 / 7FC00000."""
    value, kind = result
    nan = const(0x7FF8 << 48 if kind == "F" else 0x7FC00000, 64)
    return ite(is_nan(value), eq(bits, nan), same_float(bits, result))


def inside_reservation(ea, n):
    return and_(sle(const(-RESERVED, EXACT), ea), sle(add(ea, const(n, EXACT)), const(REACH + RESERVED, EXACT)))


def access_goals(goals, out, path):
    """The accesses of linear memory that a path made are the one of the definition."""
    accesses = [e for e in path.events if e.kind in ("load", "store")]
    wanted = 1 if out.access else 0
    if len(accesses) != wanted:
        goals.add("%d accesses instead of %d" % (len(accesses), wanted), FALSE)
        return
    if not wanted:
        return
    kind, ea, n, value = out.access
    made, (offset, bytes_, data) = accesses[0].kind, accesses[0].data
    goals.add("kind and size of the access", boolean(made == kind and bytes_ == n))
    goals.add("effective address", eq(sext(offset, EXACT), ea))
    goals.add("reservation", inside_reservation(sext(offset, EXACT), n))
    if kind == "store":
        goals.add("value stored", eq(data, value))


def fill(m, path):
    """Makes the definition's memory equal to the bytes that the path's access found."""
    found = [e.data[2] for e in path.events if e.kind == "load"]

    def memory(n):
        return found[0] if found and found[0].width == 8 * n else var("memory unread:%d" % n, 8 * n)
    m.memory = memory


# ---- the lowering ----

def lowered_inputs(world, path, fields, imm):
    m = Inputs()
    regs = [world.initial("regs", const(8 * n, 64), 64) for n in range(16)]
    m.a, m.b, m.c, m.d = (regs[f] for f in fields)
    m.z, m.n, m.o = (extract(n, n, world.flags) for n in range(3))
    m.imm, m.size, m.sp = const(imm, 64), SIZE, world.initial("rt", const(world.layout["rt.sp"], 64), 32)
    m.layers, m.counter = [extract(7, 0, r) for r in regs], regs[12]
    m.collapse = not_(eq(world.initial("rt", const(world.layout["rt.collapse"], 64), 8), const(0, 8)))
    fill(m, path)
    return m, regs


def lowered_registers(out, regs, fields):
    """The registers after the form, each a term or a float."""
    result = list(regs)
    for field in ("b", "a"):
        if field in out.regs:
            result[fields["abcd".index(field)]] = out.regs[field]
        if field in out.floats:
            result[fields["abcd".index(field)]] = out.floats[field]
    if out.layers:
        result = [zext(layer, 64) for layer in out.layers]
    if out.counter is not None:
        result[12] = out.counter
    taken = out.taken
    if out.target is not None:  # three targets: yes, other, yes
        hit = [eq(out.target, const(n, 64)) for n in range(3)]
        result[9] = ite(or_(hit[0], hit[2]), const(2, 64), ite(hit[1], const(3, 64), const(1, 64)))
    elif taken is not None:
        result[9] = ite(taken, const(2, 64), const(1, 64))
    return result


def flags_byte(z, n, o, width=8):
    return or_(zext(z, width), shl(zext(n, width), const(1, width)), shl(zext(o, width), const(2, width)))


def lowered_goals(world, path, form, options, fields, imm):
    m, regs = lowered_inputs(world, path, fields, imm)
    out = FORMS[form](m)
    hypotheses = [size_is_sane()] if out.access else []
    checks = [e for e in path.events if e.kind == "check"]
    for ea, n, _, status in (e.data for e in checks):
        hypotheses.append(implies(eq(status, const(0, 32)), valid(sext(ea, EXACT), n.value, SIZE)))
    goals = Goals(path, *hypotheses)
    ends = [e for e in path.events if e.kind in ("trap", "access trap")]
    if checks and out.access:
        ea, n, write, status = checks[0].data
        goals.add("arguments of the check", and_(eq(sext(ea, EXACT), out.access[1]), eq(n, const(out.access[2], 64)),
                                                 eq(write, boolean(out.access[0] == "store"))))
    if ends:
        stopped_goals(goals, out, path, ends[0], checks)
        return goals.all
    if path.end[0] != "ret":
        goals.add("end of the code: %s" % path.end[0], FALSE)
        return goals.all
    goals.add("no trap", not_(out.trap()))
    if out.access and "g" not in options:
        goals.add("bounds", valid(out.access[1], out.access[2], SIZE))
    access_goals(goals, out, path)
    returned_goals(goals, world, path, out, m, lowered_registers(out, regs, fields), "n" in options)
    return goals.all


def stopped_goals(goals, out, path, end, checks):
    """A path that ends the run."""
    goals.add("a trap writes nothing", boolean(not any(e.kind == "store" for e in path.events)))
    goals.add("place of the trap", eq(end.data[1], const(0, 32)))
    if end.kind == "trap":
        kind = end.data[0]
        goals.add("kind of the trap", or_(FALSE, *[and_(c, eq(kind, const(TRAPS.index(k), 32))) for c, k in out.traps]))
    elif out.access is None:
        goals.add("a trap of an access", FALSE)
    else:
        goals.add("address of the trap", eq(sext(end.data[0], EXACT), out.access[1]))
        if not checks:
            goals.add("trap only when invalid", not_(valid(out.access[1], out.access[2], SIZE)))


def returned_goals(goals, world, path, out, m, registers, deterministic):
    for n, wanted in enumerate(registers):
        found = world.read(path, "regs", const(8 * n, 64), 64)
        if isinstance(wanted, tuple):
            goals.add("R%X" % n, (canonical_float if deterministic else same_float)(found, wanted))
        else:
            goals.add("R%X" % n, eq(found, wanted))
    z, n, o = (out.flags["z"], out.flags["n"], out.flags["o"]) if out.flags else (m.z, m.n, m.o)
    at = const(world.layout["rt.flags"], 64)
    goals.add("flags", eq(world.read(path, "rt", at, 8), flags_byte(z, n, o)))
    sp = world.read(path, "rt", const(world.layout["rt.sp"], 64), 32)
    goals.add("SP", eq(sp, m.sp if out.sp is None else out.sp))
    layout = world.layout
    known = {layout["rt." + name] for name in ("flags", "sp", "access_pc")}
    goals.add("nothing else is written", boolean(all(
        is_const(w.offset) and w.offset.value in known for w in path.written("rt"))))


# ---- the interpreter ----

UNSIGNED = {"ENTER", "LEAVE", "LOAD_A", "STORE_A", "LSTATE_A", "SSTATE_A"} | {
    name + "_D" for name in ("LD8U", "LD8S", "LD16U", "LD16S", "LD32U", "LD32S", "LOAD", "ST8", "ST16", "ST32", "STORE")}


def interpreter_inputs(world, path, form):
    m = Inputs()
    fields = {name: world.field(name) for name in "abcd"}
    for name, offset in fields.items():
        setattr(m, name, world.initial("F", offset, 64))
    if form == "MOVI_64":  # in the next cell
        m.imm = world.initial("ip", const(world.layout["cell"] + world.layout["cell.wide"], 64), 64)
    else:
        imm = world.initial("ip", const(world.layout["cell.imm"], 64), 32)
        m.imm = (zext if form in UNSIGNED else sext)(imm, 64)
    state = world.initial("F", const(world.layout["frame.flag_state"], 64), 64)
    m.z, m.n, m.o = (extract(n, n, state) for n in range(3))
    m.size, m.sp = SIZE, world.initial("rt", const(world.layout["rt.sp"], 64), 32)
    m.collapse = not_(eq(world.initial("rt", const(world.layout["rt.collapse"], 64), 8), const(0, 8)))
    m.counter = world.initial("F", const(12 * 8, 64), 64)
    m.layers = [extract(7, 0, world.initial("F", const(8 * n, 64), 64)) for n in range(16)]
    fill(m, path)
    return m, fields


def one_register(m, fields):
    """Fields that name one register find one value."""
    pairs = [(p, q) for p in "abcd" for q in "abcd" if p < q]
    return [implies(eq(fields[p], fields[q]), eq(getattr(m, p), getattr(m, q))) for p, q in pairs]


def interpreter_hypotheses(form, m, reads_memory):
    """Displacements and sizes are 16 bits wide (ir/opcodes.def)."""
    facts = [size_is_sane()] if reads_memory else []
    if reads_memory and form not in UNSIGNED:
        facts.append(and_(sle(const(-0x8000, 64), m.imm), sle(m.imm, const(0x7FFF, 64))))
    if form in ("ENTER", "LEAVE"):
        facts.append(sle(m.imm, const(0xFFFF, 64)))
    return facts


def check_facts(world, path, out):
    """The promise of vsp_exec_check (prove.py, helpers)."""
    facts = []
    no_ranges = var("null.*(rt+%d)" % world.layout["rt.ranges"], 1)
    for e in path.events:
        if e.kind == "check":
            ea, n, _, status = e.data
            good = valid(sext(ea, EXACT), n.value, SIZE)
            facts.append(implies(eq(status, const(0, 32)), good))
            facts.append(implies(no_ranges, eq(status, ite(good, const(0, 32), access_trap(sext(ea, EXACT))))))
    return facts, no_ranges


def interpreter_goals(world, path, form, version):
    """version: '', 'LAZY', 'ZNO', 'CHECKED' or 'BACK', as in the handler's name."""
    m, fields = interpreter_inputs(world, path, form)
    out = FORMS[form](m)
    facts, no_ranges = check_facts(world, path, out)
    goals = Goals(path, *interpreter_hypotheses(form, m, out.access is not None), *facts)
    for e in path.events:
        if e.kind == "check":
            ea, n, write, _ = e.data
            goals.add("arguments of the check", and_(
                eq(sext(ea, EXACT), out.access[1]), eq(n, const(out.access[2], 32)),
                eq(write if write.width == 1 else not_(eq(write, const(0, write.width))), boolean(out.access[0] == "store"))))
    if path.end[0] == "ret":
        left_goals(goals, world, path, out)
        return goals.all
    if path.end[0] != "go":
        goals.add("end of the handler: %s" % path.end[0], FALSE)
        return goals.all
    helper = next((e for e in path.events if e.kind == "helper"), None)
    if helper:
        helped_goals(goals, world, path, out, helper, form)
        return goals.all
    goals.add("no trap", not_(out.trap()))
    if out.access and version == "CHECKED":
        goals.add("bounds", valid(out.access[1], out.access[2], SIZE))
        if not any(e.kind == "check" for e in path.events):
            goals.add("only without ranges", no_ranges)
    elif out.access:
        goals.add("place of a fault", eq(world.read(path, "x", const(world.layout["x.ip"], 64), 64), world.address("ip")))
    access_goals(goals, out, path)
    next_goals(goals, world, path, out, m, form)
    frame_goals(goals, world, path, out, m, fields, version)
    return goals.all


def helped_goals(goals, world, path, out, helper, form):
    """LSTATE and SSTATE are functions of the runtime, which are proved by themselves: they get the
    right address."""
    name, ea, status = helper.data
    goals.add("helper", boolean(name == "vsp_rt_" + ("lstate" if form.startswith("L") else "sstate")))
    goals.add("effective address", eq(sext(ea, EXACT), out.access[1]))
    goals.add("status", eq(status, const(0, 32)))
    goals.add("next cell", eq(path.end[1][0].offset, const(world.layout["cell"], 64)))
    goals.add("nothing else is written", boolean(not path.written("F") and not path.written("rt")))


def left_goals(goals, world, path, out):
    """The handler leaves the loop: a trap, and nothing has been written."""
    fails = [e for e in path.events if e.kind == "fail"]
    checks = [e for e in path.events if e.kind == "check"]
    goals.add("a trap writes nothing", boolean(
        not path.written("F") and not path.written("rt") and not any(e.kind == "store" for e in path.events)))
    goals.add("place of the trap", eq(world.read(path, "x", const(world.layout["x.ip"], 64), 64), world.address("ip")))
    if fails:
        stop = world.initial("x", const(world.layout["x.stop"], 64), 32)
        kinds = out.traps + [(and_(not_(eq(stop, const(0, 32))), world.stops), "INTERRUPTED")]
        goals.add("kind of the trap", or_(*[and_(c, eq(fails[0].data[0], const(TRAPS.index(k), 32))) for c, k in kinds]))
    elif checks:
        goals.add("trap of an access", not_(eq(checks[0].data[3], const(0, 32))))
    elif any(e.kind == "helper" for e in path.events):
        goals.add("trap of a helper", not_(eq(next(e.data[2] for e in path.events if e.kind == "helper"), const(0, 32))))
    else:
        goals.add("a way out of the loop", FALSE)


def next_goals(goals, world, path, out, m, form):
    """The cell at which the interpreter continues, and its state."""
    ip, frame, memory, x = path.end[1]
    cell = const(world.layout["cell"], 64)
    following = const(2 * world.layout["cell"], 64) if form == "MOVI_64" else cell
    goals.add("the same frame, memory and interpreter", boolean(
        (ip.base, frame.base, memory.base, x.base) == ("ip", "F", "mem", "x")))
    goals.add("offsets of these", and_(*[eq(p.offset, const(0, 64)) for p in (frame, memory, x)]))
    if out.target is not None:
        table_goal(goals, world, out, ip, cell)
    elif out.taken is not None:
        goals.add("next cell", eq(ip.offset, ite(out.taken, m.imm, cell)))
    else:
        goals.add("next cell", eq(ip.offset, following))


def table_goal(goals, world, out, ip, cell):
    """BRTAB: targets follow in cells, as many as imm says, and after them goes the fall-through."""
    count = zext(world.initial("ip", const(world.layout["cell.imm"], 64), 32), 64)
    entry = linear([(out.target, cell.value)], cell.value + world.layout["cell.imm"], 64)
    jump = sext(world.initial("ip", entry, 32), 64)
    beyond = linear([(count, cell.value)], cell.value, 64)
    few = ult(count, const(1 << 16, 64))
    goals.add("target", implies(few, eq(ip.offset, ite(ult(out.target, count), jump, beyond))))


def frame_goals(goals, world, path, out, m, fields, version):
    layout = world.layout
    written = {**out.regs, **out.floats}
    for field, wanted in written.items():
        found = world.read(path, "F", fields[field], 64)
        facts = one_register(m, fields) if len(written) > 1 else []
        goals.add("R" + field, same_float(found, wanted) if isinstance(wanted, tuple) else eq(found, wanted), *facts)
    allowed = [fields[f] for f in written]
    if out.counter is not None:
        allowed.append(const(96, 64))
        goals.add("R12", eq(world.read(path, "F", const(96, 64), 64), out.counter))
    if out.flags and version == "ZNO":
        state = const(layout["frame.flag_state"], 64)
        allowed.append(state)
        goals.add("flags", eq(world.read(path, "F", state, 64), flags_byte(out.flags["z"], out.flags["n"], out.flags["o"], 64)))
    if out.flags and version == "LAZY":
        allowed += lazy_goals(goals, world, path, m, fields)
    goals.add("nothing else is written to the frame", boolean(all(w.offset in allowed for w in path.written("F"))))
    sp = world.read(path, "rt", const(layout["rt.sp"], 64), 32)
    goals.add("SP", eq(sp, m.sp if out.sp is None else out.sp))
    goals.add("nothing else is written to the state", boolean(all(
        is_const(w.offset) and w.offset.value == layout["rt.sp"] for w in path.written("rt"))))


def lazy_goals(goals, world, path, m, fields):
    """The operands are recorded from which the form's flags function computes the flags
    (interpreter_flags)."""
    first, second = path.lazy
    offsets = [const(world.layout["frame." + n], 64) for n in ("flag_state", "flag_b", "flag_c")]
    goals.add("where flags come from", eq(world.read(path, "F", offsets[0], 64), world.address("ip")))
    goals.add("first operand of flags", eq(world.read(path, "F", offsets[1], 64), getattr(m, first)))
    if second == "imm":
        return offsets[:2]
    if second:
        goals.add("second operand of flags", eq(world.read(path, "F", offsets[2], 64), getattr(m, second)))
    return offsets
