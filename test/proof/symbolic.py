"""Symbolic execution of LLVM IR without loops: all paths through a function, each with its
condition, the values it has written, the accesses of linear memory and calls it made, and its end.

Memory is a set of objects that do not overlap - the run-time state, the interpreter's frame, cells,
linear memory - named by the pointer that reaches them. Poison is followed; where it would be seen
(a branch, a store, an address, an argument) there is an obligation that the value is not poison,
and so is there for each division that its divisor is not 0. What is met and not known is an error.

A loop whose every turn is decided by constants is run through. Another is allowed where nothing is
written in it: what its head's phis are is unknown then, and a way that comes back to the head ends.
"""

from collections import namedtuple

import intrinsics
import llvm_text
from terms import (FALSE, TRUE, add, and_, ashr, boolean, const, convert, divide, eq, extract, float_op, from_integer, implies,
                   ite, linear, lshr, mul, not_, or_, sext, shl, slt, sub, to_bits, to_float, to_integer, ult, var, xor, zext)

Value = namedtuple("Value", "term poison")
Pointer = namedtuple("Pointer", "base offset poison")
Event = namedtuple("Event", "kind data when")
Write = namedtuple("Write", "offset width value")


class NotKnown(Exception):
    pass


class Undecided(Exception):
    """A loop that constants do not decide, by its function and head."""


def plain(term):
    return Value(term, FALSE)


class Frame:
    def __init__(self, function, module, result):
        self.function, self.module, self.result = function, module, result
        self.values, self.block, self.at, self.previous, self.seen = {}, next(iter(function.blocks)), 0, None, {}

    def copy(self):
        other = Frame(self.function, self.module, self.result)
        other.values, other.block, other.at = dict(self.values), self.block, self.at
        other.previous, other.seen = self.previous, dict(self.seen)
        return other


class Path:
    """One path: conditions, memory, events, obligations; end is (kind, data) when it is over."""

    def __init__(self):
        self.frames, self.conditions, self.writes, self.events, self.duties, self.end = [], [], {}, [], [], None
        self.turns, self.before_loop = 0, None

    def copy(self):
        other = Path()
        other.frames = [f.copy() for f in self.frames]
        other.conditions, other.events, other.duties = list(self.conditions), list(self.events), list(self.duties)
        other.writes = {base: list(w) for base, w in self.writes.items()}
        other.turns, other.before_loop = self.turns, self.before_loop
        return other

    @property
    def when(self):
        return and_(TRUE, *self.conditions)

    def must(self, condition):
        """Not in and after a loop whose length is not constant: facts that hold in all its
        iterations are not known there."""
        if condition is not TRUE and self.before_loop is None:
            self.duties.append(implies(self.when, condition))

    def certain(self, value):
        """A value that must not be poison."""
        self.must(not_(value.poison))
        return value.term

    def event(self, kind, *data):
        self.events.append(Event(kind, data, self.when))

    def finish(self, kind, *data):
        self.end = (kind, data)

    def written(self, base):
        return self.writes.get(base, [])


def _heads(function):
    """Blocks that are targets of later blocks."""
    order, state, heads = [], {}, set()
    stack = [(next(iter(function.blocks)), None)]
    while stack:
        name, successors = stack.pop()
        if successors is None:
            state[name] = 1
            last = function.blocks[name].insts[-1]
            targets = last.extra if last.op == "br" else [last.extra[0]] + [t for _, t in last.extra[1]] if last.op == "switch" else []
            successors = iter(list(targets))
        for target in successors:
            if state.get(target) == 1:
                heads.add(target)
            elif target not in state:
                stack.append((name, successors))
                stack.append((target, None))
                break
        else:
            state[name] = 2
            order.append(name)
    return heads


class Executor:
    """world knows the memory objects and the callees; see worlds.py."""

    def __init__(self, world):
        self.world, self.heads, self.fresh, self.undecided = world, {}, 0, set()

    def run(self, module, name, args):
        """All paths of a function."""
        while True:
            try:
                return self._run(module, name, args)
            except Undecided as loop:
                self.undecided.add(loop.args)

    def _run(self, module, name, args):
        path, done = Path(), []
        self._enter(path, module, name, args, None)
        todo = [path]
        while todo:
            path = todo.pop()
            while path.end is None:
                path, others = self._step(path)
                todo.extend(others)
            done.append(path)
            if len(done) + len(todo) > 4000:
                raise NotKnown("too many ways through " + name)
        return done

    def _enter(self, path, module, name, args, result):
        function = module.function(name)
        frame = Frame(function, module, result)
        if len(args) != len(function.params):
            raise NotKnown("%s has %d parameters" % (name, len(function.params)))
        frame.values = dict(zip((p for _, p in function.params), args))
        path.frames.append(frame)
        if name not in self.heads:
            self.heads[name] = _heads(function)

    def unknown(self, kind, what):
        self.fresh += 1
        return plain(var("%s.%d" % (what, self.fresh), self.width_of(kind)))

    @staticmethod
    def width_of(kind):
        if kind in ("float", "double"):
            return "f32" if kind == "float" else "f64"
        if isinstance(kind, tuple) and kind[0] == "i":
            return kind[1]
        raise NotKnown("width of %r" % (kind,))

    # ---- one instruction ----

    def _step(self, path):
        frame = path.frames[-1]
        inst = frame.function.blocks[frame.block].insts[frame.at]
        frame.at += 1
        try:
            handler = getattr(self, "_" + inst.op, None) or self._arithmetic
            return handler(path, frame, inst) or (path, [])
        except (NotKnown, KeyError) as error:
            raise NotKnown("%s: %s: %s" % (frame.function.name, inst.line, error)) from error

    def operand(self, frame, operand):
        kind = operand.kind
        if kind == "local":
            return frame.values[operand.value]
        if kind == "global":
            return Pointer("@" + operand.value, const(0, 64), FALSE)
        if kind == "null":
            return Pointer("null", const(0, 64), FALSE)
        if isinstance(operand.type, tuple) and operand.type[0] == "vector":
            count, inner = operand.type[1:]
            return [Value(const(0, self.width_of(inner)), boolean(kind == "poison"))] * count
        width = self.width_of(operand.type)
        if kind == "undef":
            return self.unknown(operand.type, "undef")
        if kind == "poison":
            return Value(const(0, width), TRUE)
        if kind == "float":
            return plain(self._float(operand.value, width))
        return plain(const(operand.value if kind == "int" else 0, width))

    @staticmethod
    def _float(text, width):
        from evaluate import bits_of_float, float_of_bits
        value = float_of_bits(int(text, 16), "f64") if text.startswith("0x") else float(text)
        return to_float(const(bits_of_float(value, width), 64 if width == "f64" else 32))

    def _set(self, frame, inst, value):
        if inst.result is not None:
            frame.values[inst.result] = value

    def _arithmetic(self, path, frame, inst):
        if inst.op not in llvm_text.BINARY:
            raise NotKnown("no such instruction")
        (x, px), (y, py) = (self.operand(frame, a) for a in inst.args)
        op, bad = inst.op, or_(px, py)
        if op in ("udiv", "sdiv", "urem", "srem"):
            path.must(not_(bad))
            path.must(not_(eq(y, const(0, y.width))))
            if op[0] == "s":
                path.must(not_(and_(eq(x, const(1 << x.width - 1, x.width)), eq(y, const(-1, y.width)))))
            bad = FALSE
        if op in ("fadd", "fsub", "fmul", "fdiv"):
            result = float_op(op, x, y)
        elif op in ("udiv", "sdiv", "urem", "srem"):
            result = divide(op, x, y)
        else:
            result = {"add": add, "sub": sub, "mul": mul, "and": and_, "or": or_, "xor": xor, "shl": shl, "lshr": lshr,
                      "ashr": ashr}[op](x, y)
        if op[0] != "f":
            bad = or_(bad, intrinsics.arithmetic_poison(op, inst.flags, x, y))
        self._set(frame, inst, Value(result, bad))

    def _icmp(self, path, frame, inst):
        x, y = (self.operand(frame, a) for a in inst.args)
        if isinstance(x, Pointer):
            self._set(frame, inst, self._compare_pointers(inst.extra, x, y))
            return
        (x, px), (y, py) = x, y
        predicate, bad = inst.extra, or_(px, py)
        if predicate in ("eq", "ne"):
            result = eq(x, y) if predicate == "eq" else not_(eq(x, y))
        else:
            p, q = (x, y) if predicate[1] == "l" else (y, x)
            less = {"u": ult, "s": slt}[predicate[0]]
            result = less(p, q) if predicate.endswith("t") else not_(less(q, p))
        if "samesign" in inst.flags:
            top = x.width - 1
            bad = or_(bad, not_(eq(extract(top, top, x), extract(top, top, y))))
        self._set(frame, inst, Value(result, bad))

    def _compare_pointers(self, predicate, x, y):
        if predicate not in ("eq", "ne"):
            raise NotKnown("comparison of pointers")
        if x.base == y.base:
            same = eq(x.offset, y.offset)
        elif "null" in (x.base, y.base):
            other = y if x.base == "null" else x
            same = FALSE if other.base in self.world.objects else var("null." + other.base, 1)
        else:
            raise NotKnown("comparison of pointers to %s and %s" % (x.base, y.base))
        return Value(same if predicate == "eq" else not_(same), or_(x.poison, y.poison))

    def _fcmp(self, path, frame, inst):
        (x, px), (y, py) = (self.operand(frame, a) for a in inst.args)
        self._set(frame, inst, Value(intrinsics.float_compare(inst.extra, x, y), or_(px, py)))

    def _fneg(self, path, frame, inst):
        x, bad = self.operand(frame, inst.args[0])
        self._set(frame, inst, Value(intrinsics.xor_sign(x), bad))

    def _select(self, path, frame, inst):
        condition, x, y = (self.operand(frame, a) for a in inst.args)
        c, bad = condition
        if isinstance(x, Pointer):
            if x.base != y.base:
                raise NotKnown("choice between pointers")
            chosen = Pointer(x.base, ite(c, x.offset, y.offset), or_(bad, ite(c, x.poison, y.poison)))
        else:
            chosen = Value(ite(c, x.term, y.term), or_(bad, ite(c, x.poison, y.poison)))
        self._set(frame, inst, chosen)

    def _freeze(self, path, frame, inst):
        x, bad = self.operand(frame, inst.args[0])
        any_value = self.unknown(inst.type, "frozen").term if bad is not FALSE else x
        self._set(frame, inst, plain(ite(bad, any_value, x)))

    # ---- conversions ----

    def _cast(self, path, frame, inst):
        x, op = self.operand(frame, inst.args[0]), inst.op
        if op == "ptrtoint":
            self._set(frame, inst, Value(add(self.world.address(x.base), x.offset), x.poison))
            return
        if not isinstance(x, Value):
            raise NotKnown("cast of what is no number")
        term, bad = x
        width = self.width_of(inst.type)
        if op == "zext":
            result = zext(term, width)
            if "nneg" in inst.flags:
                bad = or_(bad, extract(term.width - 1, term.width - 1, term))
        elif op == "sext":
            result = sext(term, width)
        elif op == "trunc":
            result = extract(width - 1, 0, term)
            for flag in inst.flags:
                bad = or_(bad, intrinsics.narrowed(term, width, flag))
        elif op == "bitcast":
            result = to_float(term) if isinstance(width, str) else to_bits(term)
        elif op in ("sitofp", "uitofp"):
            result = from_integer(term, width, op == "sitofp")
            if "nneg" in inst.flags:
                bad = or_(bad, extract(term.width - 1, term.width - 1, term))
        elif op in ("fptosi", "fptoui"):
            result = to_integer(term, width, op == "fptosi")
            bad = or_(bad, intrinsics.out_of_range(term, width, op == "fptosi"))
        elif op in ("fpext", "fptrunc"):
            result = convert(term, width)
        else:
            raise NotKnown("cast")
        self._set(frame, inst, Value(result, bad))

    _zext = _sext = _trunc = _bitcast = _ptrtoint = _inttoptr = _sitofp = _uitofp = _fptosi = _fptoui = _fpext = _fptrunc = _cast

    # ---- aggregates ----

    def _extractvalue(self, path, frame, inst):
        self._set(frame, inst, self.operand(frame, inst.args[0])[inst.extra])

    def _extractelement(self, path, frame, inst):
        vector, index = self.operand(frame, inst.args[0]), self.operand(frame, inst.args[1])
        self._set(frame, inst, vector[index.term.value])

    def _insertelement(self, path, frame, inst):
        vector = list(self.operand(frame, inst.args[0]))
        vector[self.operand(frame, inst.args[2]).term.value] = self.operand(frame, inst.args[1])
        self._set(frame, inst, vector)

    # ---- memory ----

    def _alloca(self, path, frame, inst):
        self._set(frame, inst, Pointer("alloca." + inst.result, const(0, 64), FALSE))

    def size_of(self, kind):
        if kind == "ptr":
            return 8
        if isinstance(kind, tuple):
            if kind[0] == "i":
                return (kind[1] + 7) // 8
            if kind[0] in ("array", "vector"):
                return kind[1] * self.size_of(kind[2])
            if kind[0] == "named":
                return self.world.sizes[kind[1]]
        return {"float": 4, "double": 8}[kind]

    def _getelementptr(self, path, frame, inst):
        base = self.operand(frame, inst.args[0])
        offset, bad, kind = base.offset, base.poison, inst.type
        for n, index in enumerate(inst.args[1:]):
            value = self.operand(frame, index)
            if n:
                if kind[0] != "array":
                    raise NotKnown("address of a field")
                kind = kind[2]
            offset = linear([(offset, 1), (sext(value.term, 64), self.size_of(kind))], 0, 64)
            bad = or_(bad, value.poison)
        self._set(frame, inst, Pointer(base.base, offset, bad))

    def _load(self, path, frame, inst):
        pointer = self.operand(frame, inst.args[0])
        path.must(not_(pointer.poison))
        self._set(frame, inst, self.world.load(path, pointer, inst.type, self, inst))

    def _store(self, path, frame, inst):
        value, pointer = (self.operand(frame, a) for a in inst.args)
        path.must(not_(pointer.poison))
        for part in value if isinstance(value, list) else [value]:
            path.must(not_(part.poison))
        self.world.store(path, pointer, value, self, inst)

    def _fence(self, path, frame, inst):
        pass

    # ---- control ----

    def _go(self, path, frame, target):
        frame.previous, frame.block, frame.at = frame.block, target, 0
        block = frame.function.blocks[target]
        head = (frame.function.name, target)
        is_head = head in self.undecided
        if is_head and target in frame.seen:
            if (path.writes, path.events) != path.before_loop:
                raise NotKnown("a loop that does something")
            path.finish("loop")
            return
        if is_head:
            path.before_loop = {b: list(w) for b, w in path.writes.items()}, list(path.events)
        elif target in self.heads[frame.function.name]:
            if frame.seen.setdefault(target, len(path.conditions)) != len(path.conditions):
                raise Undecided(*head)
            path.turns += 1
            if path.turns > 500:
                raise NotKnown("a long loop")
        frame.seen.setdefault(target, 0)
        values = {}
        for inst in block.insts:
            if inst.op != "phi":
                break
            values[inst.result] = (self.unknown(inst.type, "loop") if is_head
                                   else self.operand(frame, inst.extra[frame.previous]))
            frame.at += 1
        frame.values.update(values)

    def _fork(self, path, ways):
        """ways: (condition, target); takes all that known facts do not rule out."""
        paths = []
        for condition, target in ways:
            if condition is FALSE or not_(condition) in path.conditions:
                continue
            paths.append((condition, target))
        if not paths:
            raise NotKnown("no way on")
        others = []
        for condition, target in paths[1:]:
            other = path.copy()
            if condition is not TRUE:
                other.conditions.append(condition)
            self._go(other, other.frames[-1], target)
            others.append(other)
        condition, target = paths[0]
        if condition is not TRUE and condition not in path.conditions:
            path.conditions.append(condition)
        self._go(path, path.frames[-1], target)
        return path, others

    def _br(self, path, frame, inst):
        if not inst.args:
            return self._fork(path, [(TRUE, inst.extra[0])])
        condition = path.certain(self.operand(frame, inst.args[0]))
        if condition in path.conditions:
            return self._fork(path, [(TRUE, inst.extra[0])])
        return self._fork(path, [(condition, inst.extra[0]), (not_(condition), inst.extra[1])])

    def _switch(self, path, frame, inst):
        value = path.certain(self.operand(frame, inst.args[0]))
        default, cases = inst.extra
        ways, rest = [], TRUE
        for case, target in cases:
            hit = eq(value, const(case.value, value.width))
            ways.append((hit, target))
            rest = and_(rest, not_(hit))
        return self._fork(path, ways + [(rest, default)])

    def _unreachable(self, path, frame, inst):
        path.must(FALSE)
        path.finish("unreachable")

    def _ret(self, path, frame, inst):
        value = self.operand(frame, inst.args[0]) if inst.args else None
        path.frames.pop()
        if not path.frames:
            path.finish("ret", value)
        elif frame.result is not None:
            path.frames[-1].values[frame.result] = value

    # ---- calls ----

    def _call(self, path, frame, inst):
        args = [self.operand(frame, a) for a in inst.args]
        if inst.extra.kind == "hide":
            self._set(frame, inst, args[0])
            return
        if inst.extra.kind == "local":
            self.world.jump(path, self.operand(frame, inst.extra), args)
            return
        name = inst.extra.value
        if name.startswith("llvm."):
            self._intrinsic(path, frame, inst, name[5:], args)
            return
        module = self.world.body(name)
        if module is not None:
            self._enter(path, module, name, args, inst.result)
            return
        for arg in args:
            path.must(not_(arg.poison))
        result = self.world.call(path, name, args, self)
        if path.end is None:
            self._set(frame, inst, result)

    def _intrinsic(self, path, frame, inst, name, args):
        base = name
        while base.rpartition(".")[2][:1] in "ifpv" and base not in intrinsics.INTRINSICS and "." in base:
            base = base.rpartition(".")[0]
        if base.startswith(("lifetime", "experimental.noalias", "prefetch", "dbg", "va_start", "va_end", "sideeffect")):
            return
        if base == "assume":
            path.must(path.certain(args[0]))
            return
        terms = [a.term for a in args]
        bad = or_(FALSE, *[a.poison for a in args])
        if base in ("fptosi.sat", "fptoui.sat"):
            result = intrinsics.saturating(terms[0], self.width_of(inst.type), base == "fptosi.sat")
        elif base in intrinsics.INTRINSICS:
            result = intrinsics.INTRINSICS[base](*terms)
            bad = or_(bad, intrinsics.poison(base, terms))
        else:
            raise NotKnown("intrinsic " + name)
        for low, high in inst.flags:
            inside = ult(sub(result, const(low, result.width)), const(high - low, result.width))
            bad = or_(bad, not_(inside))
        self._set(frame, inst, [Value(r, bad) for r in result] if isinstance(result, tuple) else Value(result, bad))
