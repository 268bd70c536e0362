"""The kernels: results first, then rounds A B C A B C ..., so that drift of the machine hits all
engines alike. A figure is the median over rounds of the ratio to clang -O2 of the same round.
Engines that take long for a kernel are left out of most rounds."""
import statistics

from .base import Failure, Progress, command, geomean, spread
from .engines import BASE, TITLES

BUDGET, QUICK_BUDGET = 200e6, 40e6  # nanoseconds of calls in one process
MIN_CALLS, MAX_CALLS = 3, 60
FEWEST = {"lua": 1, "interp": 2}  # those that compile nothing need not warm up
WARMING = {"auto": 3}  # how many times as long an engine that compiles in the background is run
SLOW = 2  # a call of more than so many budgets takes part
EACH = 3  # in each third round only


class Sample:
    """One process: its result, the time from nothing to the end of the first call, and of each
    call, in nanoseconds."""

    def __init__(self, argv, expected=None):
        lines = command(argv).split()
        if len(lines) < 3:
            raise Failure("no result: %s" % " ".join(argv))
        self.result, self.first, self.calls = int(lines[0]), int(lines[1]), [int(x) for x in lines[2:]]
        if expected is not None and self.result != expected:
            raise Failure("wrong result: %s\ngave %d instead of %d" % (" ".join(argv), self.result, expected))

    def steady(self):
        """The median of the later half of the calls, after warm-up."""
        return max(1.0, statistics.median(self.calls[len(self.calls) // 2:]))


def check(engines, kernels, quick, calls=1):
    """Checks every result; returns (kernel, engine) -> nanoseconds of the fastest call. One call is
    enough for engines that compile nothing."""
    progress, times = Progress("results", len(engines) * len(kernels)), {}
    for name, kernel in kernels.items():
        argument, expected = kernel.quick if quick else kernel.full
        for engine, make in engines.items():
            times[name, engine] = min(Sample(make(kernel, argument, 1 if engine in FEWEST else calls), expected).calls)
            progress.step("%s %s" % (name, engine))
    return times


def measure(engines, kernels, quick, rounds, section="kernels"):
    """kernel -> engine -> {"rounds": [which], "steady_ns": [in each], "first_ns": [in each]}"""
    budget = QUICK_BUDGET if quick else BUDGET
    times = check(engines, kernels, quick, calls=2)
    results = {k: {e: {"rounds": [], "steady_ns": [], "first_ns": []} for e in engines} for k in kernels}
    plan = [(turn, name, engine) for turn in range(rounds) for name in kernels for engine in engines
            if engine == BASE or turn % EACH == 0 or times[name, engine] <= SLOW * budget]
    progress = Progress(section, len(plan))
    for turn, name, engine in plan:
        argument, expected = kernels[name].quick if quick else kernels[name].full
        fewest = FEWEST.get(engine, MIN_CALLS)
        calls = WARMING.get(engine, 1) * max(fewest, min(MAX_CALLS, int(budget / max(1, times[name, engine]))))
        sample = Sample(engines[engine](kernels[name], argument, calls), expected)
        for what, value in (("rounds", turn), ("steady_ns", sample.steady()), ("first_ns", max(1, sample.first))):
            results[name][engine][what].append(value)
        progress.step("%s %s" % (name, engine))
    return results


def ratios(results, engine, what):
    """kernel -> (median ratio to clang -O2 in the same round, spread)"""
    out = {}
    for kernel, row in results.items():
        pairs = [a / row[BASE][what][turn] for turn, a in zip(row[engine]["rounds"], row[engine][what])]
        out[kernel] = (statistics.median(pairs), spread(pairs))
    return out


def summary(results, engines, what):
    by_engine = {e: ratios(results, e, what) for e in engines if e != BASE}
    means = {e: geomean([r for r, _ in row.values()]) for e, row in by_engine.items()}
    return {"ratios": by_engine, "geometric_means": means}


def print_table(results, table, what, title):
    engines = list(table["ratios"])
    print("\n%s\n%-15s%12s" % (title, "", TITLES[BASE]) + "".join("%18s" % TITLES[e] for e in engines))
    for kernel, row in results.items():
        base = statistics.median(row[BASE][what]) / 1e6
        print("%-15s%9.3f ms" % (kernel, base) + "".join("%10.2f +-%5.2f" % table["ratios"][e][kernel] for e in engines))
    print("%-15s%12s" % ("geometric mean", "1.00") + "".join("%10.2f        " % table["geometric_means"][e] for e in engines))
