"""Costs against size: compile time of one function per tier, and loading and running programs of 10 to 100,000 instructions."""
import math

from .base import Failure, Progress, command, write
from .generate import many_functions, one_function

PHASES = ("load", "instantiate", "first", "second")


def phases(build, program, tier, warm, repeats):
    """The least of each phase over processes, in microseconds: each is one short piece of work, which only outside causes lengthen.
    program is (path, instructions, result)."""
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


def compile_times(build, tiers, quick):
    """tier -> [(instructions, microseconds)]: the first call less the second, the compiler warm."""
    sizes = (10, 100, 1000) if quick else (10, 30, 100, 300, 1000, 3000, 10000)
    made, warm, repeats = programs(build, one_function, "function", sizes), warm_program(build), 3 if quick else 9
    progress, out = Progress("compile time", len(tiers) * len(made)), {}
    for tier in tiers:
        out[tier] = []
        for size, program in made.items():
            row = phases(build, program, tier, warm, repeats)
            out[tier].append((program[1], max(0.1, row["first"] - row["second"])))
            progress.step("tier %s, %d instructions" % (tier, size))
    return out


def program_costs(build, tiers, quick):
    """what -> [(instructions, microseconds)]: assembling, loading the .silc, and the first run in each tier."""
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
