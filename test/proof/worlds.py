"""The environment of symbolically executed code: the memory objects and their contents, and the
callees.

Assumed of the objects (each is asserted or arranged in the code named):
 - the run-time state, the interpreter's state, frames, cells, registers and linear memory do not overlap;
 - rt->caller.memory_size equals rt->memory.size (runtime/state.def), a multiple of 64 KiB from one page to 65,536 (ir/verify_tables.c,
   runtime/memory.c);
 - a cell's fields a b c d are byte offsets of registers, below the frame's other members (tiers/interp/decode_function.c), so two of them are
   the same or do not overlap.

"""

from symbolic import NotKnown, Pointer, Value, Write, plain
from terms import FALSE, add, and_, bits_of, const, eq, extract, is_const, ite, not_, or_, shl, to_bits, to_float, ule, var, zext

TRAPS = ["NONE", "OUT_OF_BOUNDS", "STACK_OVERFLOW", "CALL_DEPTH", "DIV_BY_ZERO", "BAD_FUNCTION", "EXPLICIT", "FUEL", "INTERRUPTED"]
PAGES = var("pages", 17)
SIZE = shl(zext(PAGES, 64), const(16, 64))


def size_is_sane():
    return and_(not_(eq(PAGES, const(0, 17))), ule(PAGES, const(1 << 16, 17)))


class World:
    objects = {"rt", "regs", "mem", "ip", "F", "x"}

    def __init__(self, layout, modules=()):
        self.layout, self.modules = layout, modules
        self.sizes = {"struct.vsp_cell": layout["cell"], "struct.vsp_range": layout["range"]}
        rt = {name[3:]: at for name, at in layout.items() if name.startswith("rt.")}
        self.names = {("rt", at): "rt." + name for name, at in rt.items() if name not in ("caller", "r", "g")}
        for n in range(16):
            self.names["regs", 8 * n] = "R%X" % n
        self.pointers = {("x", layout["x.rt"]): "rt", ("rt", 0): "mem", ("rt", layout["rt.memory.base"]): "mem"}
        self.fixed = {("rt", layout["rt.memory_size"]): SIZE, ("rt", layout["rt.memory.size"]): SIZE}

    # ---- callees ----

    def body(self, name):
        """The module that has the body of a function which is to be executed too, or None."""
        return next((m for m in self.modules if name in m), None)

    def call(self, path, name, args, executor):
        raise NotKnown("call of " + name)

    def jump(self, path, target, args):
        path.finish("go", *args)

    # ---- memory ----

    def address(self, base):
        return var("address." + base, 64)

    def initial(self, base, offset, width):
        """The initial contents of an object."""
        if is_const(offset) and (base, offset.value) in self.fixed:
            return self.fixed[base, offset.value]
        name = self.names.get((base, offset.value)) if is_const(offset) else None
        return var("%s:%s" % (name, width) if name else "%s+%s:%s" % (base, self._show(offset), width), width)

    @staticmethod
    def _show(offset):
        if is_const(offset):
            return str(offset.value)
        if offset.op == "zext" and offset.args[0].op == "var":
            return offset.args[0].value
        return "t%d" % offset.number

    def disjoint(self, base, offset, width, write):
        """Do the bytes at offset not overlap those written?"""
        if is_const(offset) and is_const(write.offset):
            p, q = offset.value, write.offset.value
            return p + width // 8 <= q or q + write.width // 8 <= p
        if base == "F":  # one is a register, the other a member after the registers
            return any(is_const(o) and o.value >= 128 for o in (offset, write.offset))
        return False

    def read(self, path, base, offset, width):
        if base == "F" and not is_const(offset) and width < 64:  # the low half of a register
            return extract(width - 1, 0, self.read(path, base, offset, 64))
        for n, write in enumerate(reversed(path.written(base))):
            if write.offset is offset and write.width == width:
                return write.value
            if self.disjoint(base, offset, width, write):
                continue
            if base == "F" and width == write.width == 64:
                rest = path.copy()
                rest.writes[base] = path.written(base)[:-1 - n]
                return ite(eq(offset, write.offset), write.value, self.read(rest, base, offset, width))
            if is_const(offset) and is_const(write.offset) and width % 8 == 0:
                return self._read_bytes(path, base, offset.value, width)
            raise NotKnown("read of %s at %s over a write" % (base, self._show(offset)))
        return self.initial(base, offset, width)

    def _read_bytes(self, path, base, offset, width):
        whole = const(0, width)
        for n in range(width // 8):
            for write in reversed(path.written(base)):
                at = 8 * (offset + n - write.offset.value)
                if 0 <= at < write.width:
                    byte = extract(at + 7, at, write.value)
                    break
            else:
                byte = self.initial(base, const(offset + n, 64), 8)
            whole = or_(whole, shl(zext(byte, width), const(8 * n, width)))
        return whole

    def load(self, path, pointer, kind, executor, inst):
        base, offset = pointer.base, pointer.offset
        if base == "mem":
            return self._linear_load(path, offset, kind, executor)
        if kind == "ptr":
            for write in reversed(path.written(base)):
                if write.offset is offset:
                    return write.value
            target = self.pointers.get((base, offset.value)) if is_const(offset) else None
            return Pointer(target or "*(%s+%s)" % (base, self._show(offset)), const(0, 64), FALSE)
        if isinstance(kind, tuple) and kind[0] == "vector":
            return [plain(self.read(path, base, add(offset, const(n, 64)), 8)) for n in range(kind[1])]
        width = executor.width_of(kind)
        if width == 8 and "!range" in inst.line:  # a bool
            return plain(zext(var("bool %s+%s" % (base, self._show(offset)), 1), 8))
        if isinstance(width, str):
            return plain(to_float(self.read(path, base, offset, bits_of(width))))
        if width % 8:
            raise NotKnown("load of that type")
        return plain(self.read(path, base, offset, width))

    def _linear_load(self, path, offset, kind, executor):
        if isinstance(kind, tuple) and kind[0] == "vector":
            data = var("memory %d:%d" % (offset.number, 8 * kind[1]), 8 * kind[1])
            result = [plain(extract(8 * n + 7, 8 * n, data)) for n in range(kind[1])]
        else:
            data = var("memory %d:%d" % (offset.number, executor.width_of(kind)), executor.width_of(kind))
            result = plain(data)
        path.event("load", offset, data.width // 8, data)
        return result

    def store(self, path, pointer, value, executor, inst):
        base = pointer.base
        if isinstance(value, list):
            width = 8 * len(value)
            term = or_(*[shl(zext(v.term, width), const(8 * n, width)) for n, v in enumerate(value)])
        else:
            term = value if isinstance(value, Pointer) else value.term
            if not isinstance(value, Pointer) and isinstance(term.width, str):
                term = to_bits(term)
            width = 64 if isinstance(value, Pointer) else term.width
        if base == "mem":
            path.event("store", pointer.offset, width // 8, term)
        elif base in self.objects or base.startswith("alloca."):
            path.writes.setdefault(base, []).append(Write(pointer.offset, width, term))
        else:
            raise NotKnown("store to " + base)


class Lowered(World):
    """Code emitted by ir/lower: an entry form, i32 f(ptr rt, ptr regs, i32 flags, i32 base)."""
    flags = var("flags", 32)

    def arguments(self):
        return [Pointer("rt", const(0, 64), FALSE), Pointer("regs", const(0, 64), FALSE), plain(self.flags), plain(var("base", 32))]

    def call(self, path, name, args, executor):
        terms = [a.term if isinstance(a, Value) else a for a in args]
        if name in ("vsp_rt_stop_trap", "vsp_rt_end_trap"):
            path.event("trap", terms[1], terms[2])
        elif name in ("vsp_rt_stop_access", "vsp_rt_end_access"):
            path.event("access trap", terms[1], terms[2])
        elif name == "vsp_rt_check_kernel":
            return plain(self.contract(path, terms[1], terms[2], eq(terms[3], const(1, 32))))
        else:
            raise NotKnown("call of " + name)
        if name.startswith("vsp_rt_stop"):
            path.finish("stop")
        return None

    def contract(self, path, ea, n, write):
        """The status that a check gives: 0 only for an access that is valid. Proved of the check
        itself (prove.py, helpers)."""
        status = var("status", 32)
        path.event("check", ea, n, write, status)
        return status


class Interpreter(World):
    """A handler of tiers/interp/loop_tail.c: void vsp_do_NAME(cell *ip, frame *F, uint8_t *mem,
    exec *x)."""

    stops = var("stops", 1)  # is there still a request to interrupt, once x->stop is set?

    def arguments(self):
        return [Pointer(base, const(0, 64), FALSE) for base in ("ip", "F", "mem", "x")]

    def body(self, name):
        return super().body(name) if name == "vsp_rt_memsize" else None

    def field(self, name, slot=None):
        """The byte offset of the register that field a b c or d of the cell names."""
        at = self.layout["cell.a"] + "abcd".index(name) + (4 * slot if slot else 0)
        return zext(self.initial("ip", const(at, 64), 8), 64)

    def call(self, path, name, args, executor):
        if name == "vsp_rt_fail":  # returns the kind
            path.event("fail", args[1].term)
            return args[1]
        if name == "vsp_exec_stops":  # confirms or forgets an interrupt; either may be
            return plain(var("stops", 1))
        if name == "vsp_exec_check":
            status = var("status", 32)
            path.event("check", args[1].term, args[2].term, args[3].term, status)
            return plain(status)
        if name == "vsp_exec_stops":
            return plain(self.stops)
        if name in ("vsp_rt_lstate", "vsp_rt_sstate"):
            if (args[0].base, args[1].base) != ("rt", "F") or args[1].offset is not const(0, 64):
                raise NotKnown("registers given to " + name)
            status = var("status", 32)
            path.event("helper", name, args[2].term, status)
            return plain(status)
        raise NotKnown("call of " + name)


class Helper(World):
    """A function of the runtime."""

    def body(self, name):
        return None if name == "vsp_rt_fail" else super().body(name)

    def call(self, path, name, args, executor):
        if name == "vsp_rt_fail":  # returns the kind: proved by itself
            path.event("fail", args[1].term)
            return args[1]
        if name == "vsnprintf":
            return plain(var("length", 32))
        raise NotKnown("call of " + name)
