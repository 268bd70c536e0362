"""Costs against size: compile time of one function per tier, and loading and running programs of 10
to 100,000 instructions."""
import math
import statistics

from .base import Failure, Progress, command, write
from .generate import function_family, many_functions, one_function

PHASES = ("load", "instantiate", "first", "second")


def phases(build, program, tier, warm, repeats):
    """The least of each phase over processes, in microseconds: each is one short piece of work,
    which only outside causes lengthen. program is (path, instructions, result)."""
    path, _, expected = program
    rows = []
    for _ in range(repeats):
        row = [int(x) for x in command([build.tool("bench_micro"), "phases", path, tier, warm]).split()]
        if row[4] != expected:
            raise Failure("wrong result: %s in tier %s gave %d instead of %d" % (path, tier, row[4], expected))
        rows.append(row)
    return {name: min(r[i] for r in rows) / 1e3 for i, name in enumerate(PHASES)}


def programs(build, make, name, sizes):
    """size -> (path of the .sil, instructions, result)"""
    out = {}
    for size in sizes:
        source, count, result = make(size)
        out[size] = (write(build.path("%s_%d.sil" % (name, size)), source), count, result)
    return out


def warm_program(build):
    return write(build.path("warm.sil"), one_function(300, seed=2)[0])


FAMILY = 8  # functions compiled in one process, of which the first starts the compiler


def compile_costs(build, size, tier, repeats):
    """(instructions, microseconds of a warm compiler, microseconds of the first): a function's
    first call less its second, in a process that compiles several of one size. Warm is the median
    of those after the first, and both are the least over processes, which only outside causes
    lengthen."""
    source, count, expected = function_family(size, FAMILY)
    path, rows = write(build.path("family_%d.sil" % size), source), []
    for _ in range(repeats):
        lines = [line.split() for line in command([build.tool("bench_micro"), "compile", path, tier, str(FAMILY)]).splitlines()]
        if [int(result) for _, result in lines] != expected:
            raise Failure("wrong result: %s in tier %s" % (path, tier))
        times = [int(ns) / 1e3 for ns, _ in lines]
        rows.append((statistics.median(times[1:]), times[0]))
    warm, first = (max(0.1, min(row[i] for row in rows)) for i in (0, 1))
    return count, warm, first


def compile_times(build, tiers, quick):
    """what -> [(instructions, microseconds)]: the compile time of one function in each tier, with
    the compiler warm and at first."""
    sizes = (10, 100, 1000) if quick else (10, 30, 100, 300, 1000, 3000, 10000)
    progress, out = Progress("compile time", len(tiers) * len(sizes)), {}
    for tier in tiers:
        warm, first = out.setdefault("tier " + tier, []), out.setdefault("tier %s first" % tier, [])
        for size in sizes:
            count, usual, begin = compile_costs(build, size, tier, 2 if quick or size > 1000 else 5)
            warm.append((count, usual))
            first.append((count, begin))
            progress.step("tier %s, %d instructions" % (tier, size))
    return out


def program_costs(build, tiers, quick):
    """what -> [(instructions, microseconds)]: assembling, loading the .silc, and the first run in
    each tier."""
    sizes = (10, 100, 1000, 10000) if quick else (10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000)
    made, warm = programs(build, many_functions, "program", sizes), warm_program(build)
    out = {"assemble": [], "load": []}
    progress = Progress("program size", len(tiers) * len(made))
    for tier in tiers:
        out["run " + tier] = []
        for size, program in made.items():
            path, count, result = program
            repeats = 2 if quick or size > 10000 else 5
            silc = build.silc(path, build.path("program_%d.silc" % size))
            row = phases(build, (silc, count, result), tier, warm, repeats)
            if tier == tiers[0]:
                out["load"].append((count, row["load"]))
                out["assemble"].append((count, phases(build, program, tier, warm, repeats)["load"]))
            out["run " + tier].append((count, row["instantiate"] + row["first"]))
            progress.step("tier %s, %d instructions" % (tier, size))
    return out


def growth(points):
    """Exponent of the cost between the last two decades measured: 1 is linear, 2 quadratic."""
    (size, cost), (last_size, last_cost) = points[-3 if len(points) > 6 else -2], points[-1]
    return math.log(last_cost / cost) / math.log(last_size / size)


def print_points(title, table):
    print("\n" + title)
    columns = list(table)
    counts = [n for n, _ in next(iter(table.values()))]
    print("%12s" % "instructions" + "".join("%15s" % c for c in columns))
    for i, count in enumerate(counts):
        print("%12d" % count + "".join("%12.1f us" % table[c][i][1] for c in columns))
    print("%12s" % "growth" + "".join("%15s" % ("n^%.2f" % growth(table[c])) for c in columns))
