"""Instructions executed by a steady call, counted by valgrind: not a time, but the same on a busy
machine as on a quiet one. Only for engines that make their code ahead of time or not at all; C is
compiled without -march=native, since valgrind does not know every extension."""
import re

from .base import Progress, command, find, geomean
from .engines import native_engine

COUNTED = ("interp", "aot")
CALLS = 2


def instructions(argv, path):
    command([find("valgrind"), "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--log-file=" + path] + argv)
    with open(path, encoding="utf-8") as log:
        return int(re.search(r"I\s+refs:\s+([\d,]+)", log.read()).group(1).replace(",", ""))


def measure(build, engines, kernels):
    """kernel -> engine -> instructions of one call with the small argument; None when valgrind is
    not installed."""
    if not find("valgrind"):
        return None
    table = {"clang": native_engine(build, "portable", find("clang-22", "clang"))}
    table.update({engine: engines[engine] for engine in COUNTED if engine in engines})
    out, progress = {}, Progress("instructions", len(table) * len(kernels))
    for name, kernel in kernels.items():
        out[name] = {}
        for engine, make in table.items():
            once, more = (instructions(make(kernel, kernel.quick[0], calls), build.path("valgrind.log")) for calls in (1, 1 + CALLS))
            out[name][engine] = (more - once) // CALLS
            progress.step("%s %s" % (name, engine))
    return out


def print_table(table, titles):
    engines = [e for e in COUNTED if e in next(iter(table.values()))]
    print("\nInstructions of a steady call, in millions, and their ratio to those of clang -O2 (no -march)")
    print("%-15s%12s" % ("", "clang -O2") + "".join("%24s" % titles[e] for e in engines))
    for kernel, row in table.items():
        print("%-15s%12.3f" % (kernel, row["clang"] / 1e6)
              + "".join("%14.3f%10.2f" % (row[e] / 1e6, row[e] / row["clang"]) for e in engines))
    means = [geomean([row[e] / row["clang"] for row in table.values()]) for e in engines]
    print("%-15s%12s" % ("geometric mean", "1.00") + "".join("%24.2f" % mean for mean in means))
