"""
How compiling grows with code: processor time and memory of each shape (shapes.py) at each size, in the tiers and ahead of time, and the exponents
between sizes. Each cell is a process of its own, under limits of time and memory.
"""
import argparse
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from .base import ROOT, Failure, write
from . import wasm_shapes
from .shapes import SHAPES, source

ALL = {**SHAPES, **wasm_shapes.SHAPES}
LEVELS = {"translate": ("--translate",), "interp": ("--tier=interp",), "baseline": ("--tier=baseline",), "tier1": ("--tier=1",), "tier2": ("--tier=2",), "O0": ("-O0",), "O1": ("-O1",), "O2": ("-O2",), "O3": ("-O3",)}
SIZES = (1000, 3000, 10000, 30000, 100000)
NOISE = 0.1  # seconds less than which say nothing
SHORT = 3  # seconds up to which a cell is measured more than once


class Cell:
    """What one compilation took: processor seconds, MB, and what became of it."""

    def __init__(self, seconds, memory, end):
        self.seconds, self.memory, self.end = seconds, memory, end

    def __str__(self):
        return "%s %d MB%s" % ("%.2f" % self.seconds, self.memory, " " + self.end if self.end else "")


def command_of(options, level, path, out):
    if level == "translate":
        return [options.vspc, *LEVELS[level], path, "-o", out + ".silc"]
    if not level.startswith("O"):
        return [options.vspc, path, "--sync-compile", "--cache=off", "--stats", "--no-sandbox", *LEVELS[level]]
    return [options.vspc, "--aot", path, "-o", out, *LEVELS[level]]


def limit(options):
    def set_limits():
        resource.setrlimit(resource.RLIMIT_DATA, (options.memory << 20, options.memory << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (options.timeout, options.timeout))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return set_limits


def ending(status, text):
    """What a cell's figures are of, in a word; nothing when all was compiled as asked for."""
    if os.WIFSIGNALED(status):
        return "over" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "signal %d" % os.WTERMSIG(status)
    for part, word in (("LLVM failed", "failed"), ("out of code memory", "refused"), ("too large for", "refused"), ("nested too deeply", "refused"), ("frame is too large", "refused"),
                       ("nothing is optimised", "plain"), ("too large to keep registers", "plain"), ("registers in memory", "plain")):
        if part in text:
            return word
    return "" if os.WEXITSTATUS(status) == 0 else "status %d" % os.WEXITSTATUS(status)


def measure(options, level, path, out):
    """The least of a few processes where they are short, as what others do on the machine only adds."""
    best = measure_once(options, level, path, out)
    for _ in range(options.repeats - 1 if best.seconds < SHORT else 0):
        cell = measure_once(options, level, path, out)
        best.seconds, best.memory = min(best.seconds, cell.seconds), min(best.memory, cell.memory)
    return best


def measure_once(options, level, path, out):
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command_of(options, level, path, out), stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=limit(options))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status  # it has been waited for
        said.seek(0)
        text = said.read().decode(errors="replace")
    if options.verbose:
        print(text)
    return Cell(usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10, ending(status, text))


def exponent(small, large):
    """Of growth between two points (size, amount)."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def slope(points):
    """The exponent that fits all points best: least squares over the logarithms."""
    logs = [(math.log(size), math.log(amount)) for size, amount in points]
    x, y = (sum(axis) / len(logs) for axis in zip(*logs))
    return sum((a - x) * (b - y) for a, b in logs) / sum((a - x) ** 2 for a, _ in logs)


def growth(points, noise):
    """The exponent over all points above the noise, and the largest between neighbours: as text."""
    points = [p for p in points if p[1] > noise]
    if len(points) < 2:
        return "-"
    return "n^%.2f (%.2f)" % (slope(points), max(exponent(a, b) for a, b in zip(points, points[1:])))


def program(name, size, folder):
    """The file of a shape's program."""
    path = os.path.join(folder, "%s_%d.%s" % (name, size, "sil" if name in SHAPES else "wasm"))
    if not os.path.exists(path) and name in SHAPES:
        write(path, source(name, size))
    elif not os.path.exists(path):
        with open(path, "wb") as file:
            file.write(wasm_shapes.module(name, size))
    return path


def table_row(options, name, level, empty, folder):
    cells = []
    for size in options.sizes:
        path = program(name, size, folder)
        cell = measure(options, level, path, os.path.join(folder, "out.o"))
        cells.append((size, cell))
        sys.stderr.write("%s %s %d: %s\n" % (name, level, size, cell))
        if cell.end == "over":
            break
    known = [(size, cell) for size, cell in cells if cell.end != "over"]
    times = growth([(size, cell.seconds - empty.seconds) for size, cell in known], NOISE)
    memory = growth([(size, cell.memory - empty.memory) for size, cell in known], 4)
    columns = [str(cell) for _, cell in cells] + [""] * (len(options.sizes) - len(cells))
    print("| %s | %s | %s | %s | %s |" % (name, level, " | ".join(columns), times, memory), flush=True)


def names(text, known, what):
    chosen = [name for name in text.split(",") if name]
    for name in chosen:
        if name not in known:
            raise Failure("no such %s: %s (there are %s)" % (what, name, ", ".join(known)))
    return chosen


def arguments():
    parser = argparse.ArgumentParser(prog="bench/scaling", description=__doc__.strip())
    parser.add_argument("--vspc", default=os.path.join(ROOT, "build", "release", "bin", "vspc"), metavar="FILE", help="the compiler (default build/release/bin/vspc)")
    parser.add_argument("--shapes", default=",".join(ALL), metavar="LIST", help="which of %s" % ", ".join(ALL))
    parser.add_argument("--levels", default=",".join(LEVELS), metavar="LIST", help="which of %s" % ", ".join(LEVELS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), metavar="LIST", help="instructions (default: all of %s)" % ", ".join(map(str, SIZES)))
    parser.add_argument("--timeout", type=int, default=120, metavar="SECONDS", help="processor time of a cell (default 120)")
    parser.add_argument("--memory", type=int, default=6000, metavar="MB", help="writable memory of a cell (default 6000)")
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="processes of which the least time counts, where it is short (default 3)")
    parser.add_argument("--verbose", action="store_true", help="show what each compilation says")
    parser.add_argument("--print", action="store_true", help="only print the programs")
    options = parser.parse_args()
    options.shapes, options.levels = names(options.shapes, ALL, "shape"), names(options.levels, LEVELS, "level")
    options.sizes = [int(size) for size in options.sizes.split(",")]
    return options


def main():
    options = arguments()
    if options.print:
        for name in options.shapes:
            for size in options.sizes:
                sys.stdout.write(source(name, size) if name in SHAPES else "(module ;; binary, of %d bytes)\n" % len(wasm_shapes.module(name, size)))
        return
    print("Seconds of processor time and MB at most; n^k is growth over all sizes (least squares), less what an empty program takes, and in brackets\n"
          "the largest between neighbours. %s, load %.1f\n" % (time.strftime("%Y-%m-%d"), os.getloadavg()[0]))
    print("| shape | level | %s | time | memory |" % " | ".join(map(str, options.sizes)))
    print("|---|---|%s---|---|" % ("--:|" * len(options.sizes)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        nothing = write(os.path.join(folder, "nothing.sil"), ".func main\nHLT\n.end\n")
        for level in options.levels:
            chosen = [name for name in options.shapes if level != "translate" or name not in SHAPES]
            empty = measure(options, level, nothing if level != "translate" else program("wasm_functions", 1, folder), os.path.join(folder, "out.o"))
            for name in chosen:
                table_row(options, name, level, empty, folder)


def run():
    try:
        main()
    except Failure as failure:
        return "bench/scaling: %s" % failure
    except KeyboardInterrupt:
        return 130
    return 0
