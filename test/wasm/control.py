#!/usr/bin/env python3
"""Random control flow of WebAssembly, in VSP and in V8: blocks, loops and ifs with parameters and results, and branches that carry values past others.

control.py VSPC [--first=N] [--count=N] [--print]: N modules from a seed on, each in three tiers. Status 77: node or wat2wasm is missing.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

FUNCTIONS = 20
TIERS = ("interp", "baseline", "2")
ARGUMENTS = ((0, 1), (1, 0), (5, -3))
MOST_VALUES = 3  # that a block takes or gives
FUEL = 20  # branches back that a function makes
BACK = ("global.get $fuel", "i32.const 1", "i32.sub", "global.set $fuel", "global.get $fuel", "i32.const 0", "i32.gt_s")
BINARY = ("i32.add", "i32.sub", "i32.xor", "i32.mul", "i32.lt_s", "i32.eq", "i32.shl")
UNARY = ("i32.eqz", "i32.clz", "i32.extend8_s")
# Runs a module's function "all" and prints its result.
RUN = "const fs = require('fs'); WebAssembly.instantiate(fs.readFileSync(process.argv[1])).then(m => console.log(m.instance.exports.all()))"


def types(word, count):
    return "(%s%s) " % (word, " i32" * count) if count else ""


class Function:
    """The instructions of one function; the height of the stack above the function's base is known at each place."""

    def __init__(self, draw):
        self.draw, self.lines, self.labels, self.names = draw, [], [], 0
        self.locals, self.budget, self.results = draw.randint(2, 5), draw.randint(15, 70), draw.randint(1, MOST_VALUES)
        self.sequence(0, 0, self.results)

    def add(self, *lines):
        self.lines.extend(lines)

    def name(self):
        self.names += 1
        return "$b%d" % self.names

    def local(self):
        return "local.get %d" % self.draw.randrange(self.locals)

    def value(self):
        self.add(self.local() if self.draw.random() < 0.5 else "i32.const %d" % self.draw.randint(-9, 9))

    def fill(self, height, wanted):
        """Pushes values up to a height."""
        for _ in range(height, wanted):
            self.value()
        return max(height, wanted)

    def branch(self, height, base, label):
        """A br_if, behind which the values stay; only so often back to a loop."""
        name, carried, loop = label
        height = base + self.fill(height - base, carried)
        if loop:
            self.add(*BACK, self.local(), "i32.and")
        else:
            self.add(self.local(), *["i32.eqz"] * self.draw.randint(0, 1))
        self.add("br_if " + name)
        return height

    def table(self, height, base, carried):
        """A br_table to blocks that all take the same number of values, the innermost of which ends behind it."""
        name = self.name()
        targets = [name] + [n for n, count, loop in self.labels if count == carried and not loop]
        height = base + self.fill(height - base, carried)
        self.add("block %s %s%s" % (name, types("param", carried), types("result", carried)), self.local(), "i32.const 7", "i32.and")
        self.add("br_table %s %s" % (" ".join(self.draw.choice(targets) for _ in range(self.draw.randint(1, 7))), name), "end")
        return height

    def block(self, height, base):
        draw, kind, name = self.draw, self.draw.choice(("block", "loop", "if")), self.name()
        params, results = draw.randint(0, min(MOST_VALUES, height - base)), draw.randint(0, MOST_VALUES)
        if kind == "if":
            self.add(self.local())
        self.add("%s %s %s%s" % (kind, name, types("param", params), types("result", results)))
        label = (name, params if kind == "loop" else results, kind == "loop")
        self.labels.append(label)
        inside = height
        if kind == "loop" and params and draw.random() < 0.6:  # its parameters move on by some places
            inside = self.branch(self.fill(height, height + draw.randint(1, 2)), height - params, label)
        self.sequence(inside, height - params, results)
        if kind == "if" and (params != results or draw.random() < 0.7):
            self.add("else")
            self.sequence(height, height - params, results)
        self.labels.pop()
        self.add("end")
        return height - params + results

    def statement(self, height, base):
        draw, own, kind = self.draw, height - base, self.draw.random()
        if kind < 0.38:
            return self.fill(height, height + 1)
        if kind < 0.48 and own >= 1:
            tee = draw.randint(0, 1)
            self.add("local.%s %d" % ("tee" if tee else "set", draw.randrange(self.locals)))
            return height - 1 + tee
        if kind < 0.6 and own >= 2:
            self.add(draw.choice(BINARY))
            return height - 1
        if kind < 0.64 and own >= 1:
            self.add(draw.choice(UNARY))
        elif kind < 0.68 and own >= 3:
            self.add("select")
            return height - 2
        elif 0.68 <= kind < 0.85 and len(self.labels) < 5:
            return self.block(height, base)
        elif 0.85 <= kind < 0.97 and self.labels:
            return self.branch(height, base, draw.choice(self.labels))
        elif kind >= 0.97 and self.labels:
            return self.table(height, base, draw.choice(self.labels)[1])
        return height

    def sequence(self, height, base, wanted):
        """Statements that leave so many values above base."""
        for _ in range(self.draw.randint(2, 10)):
            self.budget -= 1
            if self.budget < 0:
                break
            height = self.statement(height, base)
        height = base + self.fill(height - base, wanted)
        for _ in range(height - base - wanted):
            self.add(self.draw.choice(BINARY[:3] + ("drop",)) if wanted else "drop")


def module(seed):
    """Its function "all" calls all others and mixes their results."""
    draw = random.Random(seed)
    functions = [Function(draw) for _ in range(FUNCTIONS)]
    lines = ["(module (global $fuel (mut i32) (i32.const 0)) (global $mixed (mut i32) (i32.const 1))",
             "(func $mix (param i32) (global.set $mixed (i32.rotl (i32.mul (i32.xor (global.get $mixed) (local.get 0)) (i32.const 16777619)) (i32.const 7))))"]
    for n, f in enumerate(functions):
        lines.append("(func $f%d (param i32 i32) %s(local%s)" % (n, types("result", f.results), " i32" * (f.locals - 2)))
        lines += ["(global.set $fuel (i32.const %d))" % FUEL, *f.lines, ")"]
    lines.append('(func (export "all") (result i32)')
    for n, f in enumerate(functions):
        for x, y in ARGUMENTS:
            lines += ["(call $f%d (i32.const %d) (i32.const %d))" % (n, x, y), *["call $mix"] * f.results]
    return "\n".join(lines + ["(global.get $mixed)))"]) + "\n"


def output(command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return run.stdout.strip() if run.returncode == 0 else "status %d: %s" % (run.returncode, run.stderr.strip())


def check(vspc, seed, folder):
    """The number of tiers with another result than V8's."""
    text, binary = os.path.join(folder, "m.wat"), os.path.join(folder, "m.wasm")
    with open(text, "w", encoding="utf-8") as out:
        out.write(module(seed))
    subprocess.run(["wat2wasm", text, "-o", binary], check=True)
    wanted, failures = output(["node", "-e", RUN, binary]), 0
    for tier in TIERS:
        got = output([vspc, "--run", binary, "--tier=" + tier, "--cache=off", "--invoke", "all"])
        if got != wanted:
            failures += 1
            print("FAILED: module %d, tier %s: %s, V8: %s" % (seed, tier, got, wanted))
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vspc")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--print", action="store_true", help="the module of the first seed")
    options = parser.parse_args()
    if options.print:
        sys.stdout.write(module(options.first))
        return 0
    if not shutil.which("node") or not shutil.which("wat2wasm"):
        print("node or wat2wasm is missing (Debian: nodejs, wabt)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        failures = sum(check(os.path.abspath(options.vspc), seed, folder) for seed in range(options.first, options.first + options.count))
    print("%d modules, %d failures" % (options.count, failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
