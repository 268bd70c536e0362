"""The kernels: results first, then rounds A B C A B C ..., so that drift of the machine hits all engines alike. A figure is the median
over rounds of the ratio to clang -O2 of the same round."""
import statistics

from .base import Failure, Progress, command, geomean, spread
from .engines import BASE, TITLES

MIN_CALLS, MAX_CALLS = 4, 60
WARMING = {"auto": 8, "warm": 8}  # how many times as long an engine that compiles in the background is run


class Sample:
    """One process: the time from nothing to the end of the first call, and of each call, in nanoseconds."""

    def __init__(self, argv, expected):
        lines = command(argv).split()
        if len(lines) < 3 or int(lines[0]) != expected:
            raise Failure("wrong result: %s\ngave %s instead of %d" % (" ".join(argv), lines[0] if lines else "nothing", expected))
        self.first, self.calls = int(lines[1]), [int(x) for x in lines[2:]]

    def steady(self):
        """The median of the later half of the calls, when whatever warms up has done so."""
        return max(1.0, statistics.median(self.calls[len(self.calls) // 2:]))


def check(engines, kernels, quick, calls=1):
    """Checks every result; returns (kernel, engine) -> nanoseconds of the fastest call."""
    progress, times = Progress("results", len(engines) * len(kernels)), {}
    for name, kernel in kernels.items():
        argument, expected = kernel.quick if quick else kernel.full
        for engine, make in engines.items():
            times[name, engine] = min(Sample(make(kernel, argument, calls), expected).calls)
            progress.step("%s %s" % (name, engine))
    return times


def measure(engines, kernels, quick, rounds, section="kernels"):
    """kernel -> engine -> {"steady_ns": [per round], "first_ns": [per round]}"""
    budget = 40e6 if quick else 250e6
    times = check(engines, kernels, quick, calls=2)
    results = {k: {e: {"steady_ns": [], "first_ns": []} for e in engines} for k in kernels}
    progress = Progress(section, rounds * len(kernels) * len(engines))
    for _ in range(rounds):
        for name, kernel in kernels.items():
            argument, expected = kernel.quick if quick else kernel.full
            for engine, make in engines.items():
                calls = WARMING.get(engine, 1) * max(MIN_CALLS, min(MAX_CALLS, int(budget / max(1, times[name, engine]))))
                sample = Sample(make(kernel, argument, calls), expected)
                results[name][engine]["steady_ns"].append(sample.steady())
                results[name][engine]["first_ns"].append(max(1, sample.first))
                progress.step("%s %s" % (name, engine))
    return results


def ratios(results, engine, what):
    """kernel -> (median ratio to clang -O2 in the same round, spread)"""
    out = {}
    for kernel, row in results.items():
        pairs = [a / b for a, b in zip(row[engine][what], row[BASE][what])]
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
