"""Short runs, of small and of very large functions: tier auto against the interpreter. A program that
ends before its compilation has paid must not take longer than interpreted, so the ratio of whole
processes is shown for runs of growing length, in time and in processor time of all threads."""
import random

from .base import Progress, command, write
from .generate import FUNCTION, Function

OPCODES, HANDLER = 128, 60  # an interpreter's loop: 30 KB of bytecode
STRAIGHT = 10000            # instructions of one long loop
CALLEES = 300
LENGTHS, QUICK_LENGTHS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200), (1, 5, 20)  # milliseconds of the interpreter
PAGES = ".memory 4,4\n"


def kernel(*lines):
    """kernel(n), which uses R0 to R9 and counts RC down from n."""
    return [".func kernel(1) -> 1", "MOV RC, R0", "MOVI R9, 0x20000", *lines, "RET", ".end", ".export kernel"]


def straight(size, seed):
    function = Function(random.Random(seed), seed)
    for _ in range(size):
        function.arithmetic()
    return function.lines


def tight():
    """A loop of five instructions."""
    return kernel("again: XOR R1, R1, RC", "MULI R1, R1, 5", "ADD R2, R1, R2", "ADDI RC, RC, -1", "BNZ RC, again", "MOV R0, R2")


def body():
    """A loop of some hundred instructions."""
    return kernel("again:", *straight(FUNCTION, 1), "ADDI RC, RC, -1", "BNZ RC, again")


def long_body():
    """A loop of very many instructions."""
    return kernel("again:", *straight(STRAIGHT, 2), "ADDI RC, RC, -1", "BNZ RC, again")


def interpreter():
    """A loop that chooses one of many handlers by a random number."""
    lines = ["MOVI RA, 88172645463325252", "again: ADDI RC, RC, -1", "BZ RC, end", "SHLI RB, RA, 13", "XOR RA, RA, RB", "SHRI RB, RA, 7",
             "XOR RA, RA, RB", "SHLI RB, RA, 17", "XOR RA, RA, RB", "ANDI RB, RA, %d" % (OPCODES - 1),
             "BRTAB RB, " + ", ".join("h%d" % i for i in range(OPCODES))]
    for i in range(OPCODES):
        lines += ["h%d:" % i, *straight(HANDLER, 10 + i), "JMP again"]
    return kernel(*lines, "end:")


def functions():
    """A loop that calls many functions in turn."""
    lines = kernel("MOV RA, RC", "again: MOVI R0, 1", *("INVOKE f%d" % i for i in range(CALLEES)), "ADDI RA, RA, -1", "BNZ RA, again")
    for i in range(CALLEES):
        lines += [".func f%d(1) -> 1" % i, "MOVI R9, 0x20000", *straight(FUNCTION, 1000 + i), "RET", ".end"]
    return lines


PROGRAMS = {"5 instructions": tight, "100 instructions": body, "10,000 instructions": long_body, "interpreter, 30 KB": interpreter,
            "300 functions": functions}


class Runner:
    """Runs a program's kernel with any argument, in turn in the interpreter and in tier auto."""

    def __init__(self, build, name):
        stem = build.path("short_%d" % list(PROGRAMS).index(name))
        self.build, self.file = build, build.silc(write(stem + ".sil", "\n".join(PROGRAMS[name]()) + "\n"), stem + ".silc")

    def times(self, n, rounds, tiers=("interp", "auto")):
        """For each tier the least milliseconds of the process, and of its processor time."""
        argv = [self.build.tool("bench_spawn"), str(rounds)]
        for i, tier in enumerate(tiers):
            argv += (["--"] if i else []) + [self.build.tool("vspc"), "--tier=" + tier, self.file, "--invoke", "kernel", str(n)]
        return [(float(row[1]) / 1e3, float(row[5]) / 1e3) for row in map(str.split, command(argv).splitlines())]

    def argument(self, length):
        """The argument for which the interpreter takes about so many milliseconds more than for 1."""
        n, took = 1, 0.0
        empty = self.times(1, 20, ("interp",))[0][1]
        while took < 10:  # beyond what is paid once
            n *= 4
            took = self.times(n, 3, ("interp",))[0][1] - empty
        return max(1, round(n * length / took))


def measure(build, quick):
    """[{"program", "length_ms", "argument", "interp_ms", "auto_ms", "interp_cpu_ms", "auto_cpu_ms"}]"""
    rows, lengths = [], QUICK_LENGTHS if quick else LENGTHS
    progress = Progress("short runs", len(PROGRAMS) * len(lengths))
    for name in PROGRAMS:
        runner = Runner(build, name)
        for length in lengths:
            n = runner.argument(length)
            (interp, interp_cpu), (auto, auto_cpu) = runner.times(n, max(5, round((200 if quick else 600) / (length + 5))))
            rows.append({"program": name, "length_ms": length, "argument": n, "interp_ms": interp, "auto_ms": auto,
                         "interp_cpu_ms": interp_cpu, "auto_cpu_ms": auto_cpu})
            progress.step("%s, %g ms" % (name, length))
    return rows


def print_table(rows):
    print("\nShort runs: tier auto to the interpreter, least times of whole processes, by length of the run in the interpreter")
    print("%-22s%10s%12s%12s%8s%12s%12s%8s" % ("", "", "interpreter", "auto", "ratio", "processor", "auto", "ratio"))
    for row in rows:
        print("%-22s%7.1f ms%9.2f ms%9.2f ms%8.2f%9.2f ms%9.2f ms%8.2f" % (
            row["program"], row["length_ms"], row["interp_ms"], row["auto_ms"], row["auto_ms"] / row["interp_ms"], row["interp_cpu_ms"],
            row["auto_cpu_ms"], row["auto_cpu_ms"] / max(0.001, row["interp_cpu_ms"])))
