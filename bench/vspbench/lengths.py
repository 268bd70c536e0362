"""First calls in a fresh process against the work of the call. A ratio depends on how long C takes
for the same: what loading and compiling add is most of a short call and nothing of a long one. So
kernels are run with arguments for which C takes 5 to 200 ms, found by measuring; C's result of each
is what all others must have. The overhead, an engine's first call less C's, is the figure that
depends on the length least."""
import math
import statistics

from .base import Progress, geomean
from .engines import BASE
from .kernels import Sample, check

ENGINES = ("auto", "warm", "aot", "node", "luajit")
LENGTHS, QUICK_LENGTHS = (5, 10, 20, 50, 100, 200), (5, 20)  # milliseconds of C
# Recursion, memory, tables, floats, several functions: kernels of each kind. Not fannkuch, which
# has no arguments between 20 and 245 ms.
KERNELS = ("fib", "sieve", "crc32", "nbody", "hashtable", "quicksort", "mandelbrot", "sha256")
QUICK_KERNELS = ("fib", "crc32", "hashtable")
TRIES, SAMPLES = 4, 3  # arguments tried for a length, first calls of which the least counts
NEAR = 1.1  # a factor from the length wanted that is near enough


def distance(a, b):
    return abs(math.log(a / b))


def fitting(make, kernel, length, n):
    """(argument, C's result): the one tried for which C's first call was nearest to length
    milliseconds, beginning with n."""
    tried = {}
    while n not in tried and len(tried) < TRIES:
        samples = [Sample(make(kernel, n, 1)) for _ in range(SAMPLES)]
        took = min(sample.first for sample in samples) / 1e6
        tried[n] = (distance(took, length), samples[0].result)
        if tried[n][0] > math.log(NEAR):
            n = kernel.scaled(n, length / took)
    best = min(tried, key=lambda argument: tried[argument][0])
    return best, tried[best][1]


def fit(make, kernels, lengths):
    """(kernel, length) -> (argument, C's result)"""
    out, progress = {}, Progress("arguments", len(kernels) * len(lengths))
    for name, kernel in kernels.items():
        n = kernel.full[0]
        for length in lengths:
            out[name, length] = fitting(make, kernel, length, n)
            n = out[name, length][0]
            progress.step("%s, %d ms" % (name, length))
    return out


def measure(engines, kernels, quick, rounds):
    """[{"kernel", "length", "argument", "first_ns": engine -> [per round]}]; nothing when there is
    only C."""
    engines = {e: engines[e] for e in (BASE,) + ENGINES if e in engines}
    if len(engines) == 1:
        return []
    check({e: make for e, make in engines.items() if e in (BASE, "warm")}, kernels, quick=False, calls=3)  # fills the code cache
    plan = fit(engines[BASE], kernels, QUICK_LENGTHS if quick else LENGTHS)
    cells = [{"kernel": name, "length": length, "argument": n, "first_ns": {e: [] for e in engines}} for (name, length), (n, _) in plan.items()]
    progress = Progress("lengths", rounds * len(cells) * len(engines))
    for _ in range(rounds):
        for cell, (n, expected) in zip(cells, plan.values()):
            for engine, make in engines.items():
                cell["first_ns"][engine].append(max(1, Sample(make(kernels[cell["kernel"]], n, 1), expected).first))
                progress.step("%s %s" % (cell["kernel"], engine))
    return cells


def over_rounds(cell, engine, what):
    """Median over the rounds of what(engine's first call, C's)."""
    return statistics.median(what(a, b) for a, b in zip(cell["first_ns"][engine], cell["first_ns"][BASE]))


def summary(cells):
    """{"lengths": [...], "c_ms": [...], "ratios": engine -> [(geometric mean, least, largest)],
    "overhead_ms": engine -> [...], "overhead_ms_all": engine -> ...}; the lists by length."""
    lengths = sorted({cell["length"] for cell in cells})
    rows = [[cell for cell in cells if cell["length"] == length] for length in lengths]
    out = {"lengths": lengths, "ratios": {}, "overhead_ms": {}, "overhead_ms_all": {},
           "c_ms": [geomean([statistics.median(cell["first_ns"][BASE]) / 1e6 for cell in row]) for row in rows]}
    for engine in [e for e in cells[0]["first_ns"] if e != BASE] if cells else []:
        ratios = [[over_rounds(cell, engine, lambda a, b: a / b) for cell in row] for row in rows]
        overheads = [[over_rounds(cell, engine, lambda a, b: (a - b) / 1e6) for cell in row] for row in rows]
        out["ratios"][engine] = [(geomean(r), min(r), max(r)) for r in ratios]
        out["overhead_ms"][engine] = [statistics.median(o) for o in overheads]
        out["overhead_ms_all"][engine] = statistics.median(sum(overheads, []))
    return out


def print_table(cells, table, titles):
    heads = ["%d ms" % length for length in table["lengths"]]
    print("\nFirst call in a fresh process by its length in C: ratio to C's, geometric mean over the kernels (least to largest)")
    print("%-18s" % "" + "".join("%20s" % head for head in heads))
    for engine, row in table["ratios"].items():
        print("%-18s" % titles[engine] + "".join("%20s" % ("%.2f (%.2f-%.2f)" % cell) for cell in row))
    print("Milliseconds more than C's first call, medians over the kernels")
    print("%-18s" % "" + "".join("%10s" % head for head in heads + ["all"]))
    for engine, row in table["overhead_ms"].items():
        print("%-18s" % titles[engine] + "".join("%10.2f" % ms for ms in row + [table["overhead_ms_all"][engine]]))
    for length, head in zip(table["lengths"], heads):
        arguments = ["%s %d" % (cell["kernel"], cell["argument"]) for cell in cells if cell["length"] == length]
        print("%-8s%s" % (head, ", ".join(arguments)))


def series(table):
    """engine -> [(milliseconds that C takes, ratio)]"""
    return {engine: list(zip(table["c_ms"], [mean for mean, _, _ in row])) for engine, row in table["ratios"].items()}
