#!/usr/bin/env python3
"""Random WebAssembly of all four types of numbers, in VSP and in V8: every instruction of frontend/wasm/opcodes.def that computes, loads or stores, globals, blocks, branches and
br_table that carry values, calls by name and by table, some of which trap.

values.py VSPC [--first=N] [--count=N] [--ways=LIST] [--print]: N modules from a seed on, each in the ways to run it. Status 77: node or wat2wasm is missing.

NaNs that arithmetic makes have any sign and payload, so each such result is made the canonical NaN by the program itself; abs, neg, copysign, loads and reinterpretations keep bits.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

WAYS = {
    "interp": ["--tier=interp"],
    "baseline": ["--tier=baseline"],
    "baseline.explicit": ["--tier=baseline", "--bounds=explicit"],
    "2": ["--tier=2", "--bounds=guard"],
    "2.explicit": ["--tier=2", "--bounds=explicit"],
}
AOT_EVERY = 5  # modules that are compiled ahead of time too
FUNCTIONS, SLOTS, PAGES, MOST_PAGES = 7, 8, 3, 5
FUEL, CALLS = 12, 400  # branches back that a function makes, and calls of a whole module
NAMES = {"i": "i32", "I": "i64", "f": "f32", "F": "f64"}
KEEP_BITS = re.compile("load|abs|neg|copysign|reinterpret")
CAN_TRAP = re.compile(r"div_[su]|rem_[su]|trunc_f")
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../frontend/wasm/opcodes.def")
# What a trap is called by V8 and by VSP. V8 tells NaNs and numbers that are too large as one.
TRAPS = (("divide by zero", "divide by zero|remainder by zero|DIV_BY_ZERO"), ("number", "float unrepresentable|divide result unrepresentable|0xE1|0xE2"),
         ("memory", "memory access out of bounds|OUT_OF_BOUNDS|NULL_PAGE"), ("unreachable", "unreachable|0xE0"),
         ("call", "null function|signature mismatch|table index is out of bounds|RuntimeError: table|BAD_FUNCTION"))
RUN = """
const fs = require('fs'); let memory;
function fd_write(fd, at, count, done) {
  const view = new DataView(memory.buffer);
  fs.writeSync(1, new Uint8Array(memory.buffer, view.getUint32(at, true), view.getUint32(at + 4, true)));
  return 0;
}
WebAssembly.instantiate(fs.readFileSync(process.argv[1]), {wasi_snapshot_preview1: {fd_write}}).then(m => { memory = m.instance.exports.memory; m.instance.exports._start(); })
  .catch(e => { console.error(String(e)); process.exit(3); });
"""
# Mixes all results and prints the sum as 16 letters, from behind the memory that the functions use.
FRAME = """
(func $mix (param i64) (global.set $mixed (i64.rotl (i64.mul (i64.xor (global.get $mixed) (local.get 0)) (i64.const 0x100000001b3)) (i64.const 7))))
(func $mix_i (param i32) (call $mix (i64.extend_i32_s (local.get 0))))
(func $mix_I (param i64) (call $mix (local.get 0)))
(func $mix_f (param f32) (call $mix (i64.extend_i32_u (i32.reinterpret_f32 (local.get 0)))))
(func $mix_F (param f64) (call $mix (i64.reinterpret_f64 (local.get 0))))
(func $canonical_f (param f32) (result f32) (select (local.get 0) (f32.const nan) (f32.eq (local.get 0) (local.get 0))))
(func $canonical_F (param f64) (result f64) (select (local.get 0) (f64.const nan) (f64.eq (local.get 0) (local.get 0))))
(func $mix_memory (local i32)
  (loop (call $mix (i64.load (local.get 0))) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 0x30000)))))
(func $say (local i32)
  (loop
    (i32.store8 (i32.add (local.get 0) (i32.const 0x20010))
      (i32.add (i32.const 97) (i32.wrap_i64 (i64.and (i64.const 15) (i64.shr_u (global.get $mixed) (i64.extend_i32_u (i32.shl (local.get 0) (i32.const 2))))))))
    (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 16))))
  (i32.store (i32.const 0x20000) (i32.const 0x20010)) (i32.store (i32.const 0x20004) (i32.const 16))
  (drop (call $fd_write (i32.const 1) (i32.const 0x20000) (i32.const 1) (i32.const 0x20008))))
"""


def instructions():
    """(name, operands, results) of those that computing, loading and storing instructions are."""
    found = re.findall(r'^WASM\(\w+, \w+, "([if](?:32|64)\.[^"]+)", "(\w*)", "(\w*)", (NONE|MEMORY)', open(TABLE, encoding="utf-8").read(), re.M)
    return [(name, operands, results) for name, operands, results, _ in found]


def typed(word, types):
    return "(%s %s) " % (word, " ".join(NAMES[t] for t in types)) if types else ""


class Signature:
    def __init__(self, draw, params, results):
        self.params, self.results = (tuple(draw.choice("iIfF") for _ in range(n)) for n in (params, results))

    def text(self):
        return typed("param", self.params) + typed("result", self.results)


class Module:
    def __init__(self, seed):
        self.draw = draw = random.Random(seed)
        self.table = instructions()
        self.risk = draw.choice((0, 0.003, 0.02))  # that an instruction that can trap is left to
        family = Signature(draw, draw.randint(0, 4), draw.randint(1, 2))  # of all functions in the lower half of the table
        self.signatures = [family if n < 3 else Signature(draw, draw.choice((0, 1, 2, 3, 5, 19)), draw.choice((0, 1, 1, 2, 3, 18))) for n in range(FUNCTIONS)]
        self.slots = [draw.randrange(3) for _ in range(SLOTS // 2)] + [draw.randrange(FUNCTIONS) for _ in range(SLOTS // 2 - 1)]

    def constant(self, t):
        draw = self.draw
        if t in "iI":
            bits = 32 if t == "i" else 64
            edge = draw.choice((0, 1 << (bits - 1), (1 << bits - 1) - 1, 1 << 31, 1 << 16, 255, 1 << draw.randrange(bits)))
            return "%s.const %d" % (NAMES[t], (edge + draw.randint(-9, 9)) % (1 << bits) if draw.random() < 0.5 else draw.randint(-9, 99))
        number = draw.choice(("0", "-0", "1", "-1", "0.5", "nan", "-nan", "nan:0x3412", "inf", "-inf", "1e-42", "3e38", "2147483648", "-2147483649", "9223372036854775808",
                              repr(draw.uniform(-9, 9)), repr(draw.uniform(-1e10, 1e10))))
        return "%s.const %s" % (NAMES[t], number)

    def text(self):
        draw = self.draw
        data = "".join("\\%02x" % draw.randrange(256) for _ in range(300))
        lines = ['(module (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))',
                 '(memory (export "memory") %d %d) (data (i32.const %d) "%s")' % (PAGES, MOST_PAGES, draw.randrange(60000), data),
                 "(table %d funcref) (elem (i32.const 0) %s)" % (SLOTS, " ".join("$f%d" % f for f in self.slots)),
                 "(global $fuel (mut i32) (i32.const 0)) (global $calls (mut i32) (i32.const %d)) (global $mixed (mut i64) (i64.const 1))" % CALLS]
        lines += ["(global $g%s (mut %s) (%s)) (global $c%s %s (%s))" % (t, NAMES[t], self.constant(t), t, NAMES[t], self.constant(t)) for t in "iIfF"]
        lines += ["(type $t%d (func %s))" % (n, s.text()) for n, s in enumerate(self.signatures)] + [FRAME]
        for n, signature in enumerate(self.signatures):
            lines += Function(self, n, signature).text()
        lines.append('(func (export "_start")')
        for n, s in enumerate(self.signatures * 2):
            lines += [*map(self.constant, s.params), "call $f%d" % (n % FUNCTIONS), *["call $mix_" + t for t in reversed(s.results)]]
        lines += ["(call $mix_%s (global.get $g%s))" % (t, t) for t in "iIfF"]
        return "\n".join(lines + ["(call $mix_memory) (call $say)))"]) + "\n"


class Function:
    """The instructions of one function; self.labels has those that enclose the place, with the types that a branch to them carries."""

    def __init__(self, module, number, signature):
        self.module, self.draw, self.number, self.signature = module, module.draw, number, signature
        self.lines, self.labels, self.names = [], [], 0
        self.locals = list(signature.params) + list("iIfF") + [self.draw.choice("iIfF") for _ in range(self.draw.choice((2, 4, 14)))]
        self.budget = self.draw.randint(40, 160)

    def text(self):
        self.add("(global.set $calls (i32.sub (global.get $calls) (i32.const 1)))")
        self.add("(if (i32.lt_s (global.get $calls) (i32.const 0)) (then", *map(self.module.constant, self.signature.results), "return))",
                 "(global.set $fuel (i32.const %d))" % FUEL)
        self.sequence([], list(self.signature.results))
        head = "(func $f%d (type $t%d) %s(local %s f32 f64)" % (
            self.number, self.number, self.signature.text(), " ".join(NAMES[t] for t in self.locals[len(self.signature.params):]))
        return [head, *self.lines, ")"]

    def add(self, *lines):
        self.lines.extend(lines)

    def name(self):
        self.names += 1
        return "$b%d" % self.names

    def local(self, t):
        return self.draw.choice([n for n, own in enumerate(self.locals) if own == t])

    def risky(self):
        return self.draw.random() < self.module.risk

    # Values

    def canonical(self, t):
        if self.draw.random() < 0.2:
            return self.add("call $canonical_" + t)
        spare = len(self.locals) + (t == "F")
        return self.add("local.tee %d" % spare, NAMES[t] + ".const nan", *["local.get %d" % spare] * 2, NAMES[t] + ".eq", "select")

    def make_safe(self, name, operands):
        """Lets the operands on top of the stack be such that the instruction does not trap."""
        t = NAMES[operands[-1]]
        if "trunc" in name:  # into -1000..1000; no NaN
            spare = len(self.locals) + (operands[-1] == "F")
            self.add("%s.const 1000" % t, t + ".min", "%s.const %s" % (t, "0" if name.endswith("u") else "-1000"), t + ".max", "local.tee %d" % spare, "%s.const 7" % t,
                     *["local.get %d" % spare] * 2, t + ".eq", "select")
        else:  # a divisor from 1 to 2047
            self.add(t + ".const 2047", t + ".and", t + ".const 1", t + ".or")

    def address(self):
        self.value("i")
        if not self.risky():
            self.add("i32.const 0xffff", "i32.and")

    def offset(self):
        return "offset=%d" % (self.draw.choice((0, 1, 8, 0x1000, 0xfff8)) if not self.risky() else self.draw.choice((0x20000, 0x7fffffff, 0x80000000, 0xffffffff)))

    def apply(self, name, operands, results):
        if CAN_TRAP.search(name) and not self.risky():
            self.make_safe(name, operands)
        self.add(name + (" " + self.offset() if "load" in name or "store" in name else ""))
        if results and results in "fF" and not KEEP_BITS.search(name):
            self.canonical(results)

    def operation(self, t):
        name, operands, results = self.draw.choice([i for i in self.module.table if i[2] == t])
        if "load" in name:
            self.address()
        else:
            for operand in operands:
                self.value(operand)
        self.apply(name, operands, results)

    def value(self, t):
        """One more value of type t on the stack."""
        draw, kind = self.draw, self.draw.random()
        self.budget -= 1
        if self.budget > 0 and kind < 0.55:
            return self.operation(t)
        if self.budget > 0 and kind < 0.6:
            self.value(t)
            self.value(t)
            self.value("i")
            return self.add("select")
        if self.budget > 0 and kind < 0.65:
            name = self.name()
            self.value("i")
            self.add("if %s %s" % (name, typed("result", t)))
            self.value(t)
            self.add("else")
            self.value(t)
            return self.add("end")
        if kind < 0.72:
            return self.add("global.get $%s%s" % (draw.choice("gc"), t))
        return self.add("local.get %d" % self.local(t) if kind < 0.9 else self.module.constant(t))

    def values(self, types):
        for t in types:
            self.value(t)

    # Statements, which take values from a stack of types and leave others there

    def store(self, _):
        name, operands, _ = self.draw.choice([i for i in self.module.table if "store" in i[0]])
        self.address()
        self.value(operands[1])
        self.add(name + " " + self.offset())

    def push(self, stack):
        stack.append(self.draw.choice("iIfF"))
        self.value(stack[-1])

    def pop(self, stack):
        if stack:
            self.add("local.%s %d" % (self.draw.choice(("set", "set", "tee")), self.local(stack[-1])))
            if "set" in self.lines[-1]:
                stack.pop()

    def assign(self, _):
        t = self.draw.choice("iIfF")
        self.value(t)
        self.add(self.draw.choice(("global.set $g" + t, "local.set %d" % self.local(t))))

    def operate(self, stack):
        """An instruction on what lies on the stack."""
        fits = [i for i in self.module.table if i[1] and "load" not in i[0] and "store" not in i[0] and "".join(stack).endswith(i[1])]
        if fits:
            name, operands, results = self.draw.choice(fits)
            self.apply(name, operands, results)
            stack[len(stack) - len(operands):] = results

    def call(self, stack):
        number = self.draw.randrange(FUNCTIONS)
        signature = self.module.signatures[number]
        if self.draw.random() < 0.5:
            self.values(signature.params)
            self.add("call $f%d" % number)
        else:
            signature, number = self.module.signatures[0], self.draw.randrange(3)
            self.values(signature.params)
            self.value("i")
            self.add("i32.const 3", "i32.and") if not self.risky() else self.add("i32.const 15", "i32.and")
            self.add("call_indirect (type $t%d)" % number)
        stack.extend(signature.results)

    def memory(self, stack):
        kind = self.draw.choice(("copy", "fill", "size", "grow"))
        if kind in ("copy", "fill"):
            self.address()
            self.address() if kind == "copy" else self.value("i")
            self.value("i")
            self.add("i32.const 0x%x" % (0x1ff if not self.risky() else 0xfffff), "i32.and", "memory." + kind)
        else:
            self.add("memory.size" if kind == "size" else "i32.const %d\nmemory.grow" % self.draw.randint(0, 2))
            stack.append("i")

    def branch(self, stack):
        if self.labels:
            name, carried, loop = self.draw.choice(self.labels)
            self.values(carried)
            if loop:
                self.add("(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))", "(i32.gt_s (global.get $fuel) (i32.const 0))")
                self.value("i")
                self.add("i32.and")
            else:
                self.value("i")
            self.add("br_if " + name)
            stack.extend(carried)

    def br_table(self, stack):
        name, carried = self.name(), self.draw.choice(self.labels)[1] if self.labels else []
        targets = [name] + [n for n, types, loop in self.labels if types == carried and not loop]
        self.add("block %s %s" % (name, typed("result", carried)))
        self.values(carried)
        self.value("i")
        self.add("br_table %s" % " ".join(self.draw.choice(targets) for _ in range(self.draw.randint(1, 5))), "end")
        stack.extend(carried)

    def block(self, stack):
        draw, kind, name = self.draw, self.draw.choice(("block", "loop", "if")), self.name()
        if len(self.labels) >= 4:
            return
        taken, results = draw.randint(0, min(3, len(stack))), [draw.choice("iIfF") for _ in range(draw.randint(0, 3))]
        params = stack[len(stack) - taken:]
        if kind == "if":
            self.value("i")
        self.add("%s %s %s%s" % (kind, name, typed("param", params), typed("result", results)))
        self.labels.append((name, params if kind == "loop" else results, kind == "loop"))
        self.sequence(list(params), results)
        if kind == "if" and (params != results or draw.random() < 0.7):
            self.add("else")
            self.sequence(list(params), results)
        self.labels.pop()
        self.add("end")
        stack[len(stack) - taken:] = results

    def sequence(self, stack, wanted):
        """Statements on the stack's values, which leave those of the wanted types."""
        kinds = (self.store, self.push, self.push, self.pop, self.assign, self.operate, self.operate, self.call, self.memory, self.branch, self.br_table, self.block, self.block)
        for _ in range(self.draw.randint(2, 9)):
            if self.budget > 0:
                self.draw.choice(kinds)(stack)
        same = 0
        while same < min(len(stack), len(wanted)) and stack[same] == wanted[same]:
            same += 1
        for t in reversed(stack[same:]):
            self.add("drop" if self.draw.random() < 0.5 else "local.set %d" % self.local(t))
        self.values(wanted[same:])


def output(command):
    """What it prints, or which trap ends it."""
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if run.returncode == 0:
        return run.stdout.strip()
    for trap, pattern in TRAPS:
        if re.search(pattern, run.stderr):
            return "trap: " + trap
    return "status %d: %s" % (run.returncode, run.stderr.strip())


def check(vspc, seed, folder, ways):
    """The result in V8, and the number of ways with another one."""
    text, binary, program = (os.path.join(folder, name) for name in ("m.wat", "m.wasm", "program"))
    with open(text, "w", encoding="utf-8") as out:
        out.write(Module(seed).text())
    subprocess.run(["wat2wasm", text, "-o", binary], check=True)
    wanted, failures = output(["node", "-e", RUN, binary]), 0
    for way in ways:
        if way != "aot":
            got = output([vspc, "--run", binary, "--cache=off", *WAYS[way]])
        elif seed % AOT_EVERY:
            continue
        else:
            built = subprocess.run([vspc, "--aot", "-O%d" % (seed // AOT_EVERY % 4), binary, "-o", program], capture_output=True, text=True, check=False)
            got = output([program]) if built.returncode == 0 else built.stderr
        if got != wanted:
            failures += 1
            print("FAILED: module %d, %s: %s, V8: %s" % (seed, way, got, wanted), flush=True)
    return wanted, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vspc")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--ways", default=",".join(WAYS) + ",aot")
    parser.add_argument("--print", action="store_true", help="the module of the first seed")
    options = parser.parse_args()
    if options.print:
        sys.stdout.write(Module(options.first).text())
        return 0
    if not shutil.which("node") or not shutil.which("wat2wasm"):
        print("node or wat2wasm is missing (Debian: nodejs, wabt)")
        return 77
    ends, failures = {}, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.count):
            wanted, wrong = check(os.path.abspath(options.vspc), seed, folder, options.ways.split(","))
            failures += wrong
            end = wanted if wanted.startswith(("trap", "status")) else "result"
            ends[end] = ends.get(end, 0) + 1
    print("%d modules (%s), %d failures" % (options.count, ", ".join("%s %d" % e for e in sorted(ends.items())), failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
