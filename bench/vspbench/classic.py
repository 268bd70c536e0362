"""The targets of the design of VSP 1.0 beside the measured figures: ADD, a loop of 1000 iterations,
compile, load and start times."""
import statistics

from . import kernels as runs
from .build import load_kernels
from .engines import BASE, TITLES, VSP
from .sizes import compile_costs, phases, programs, warm_program
from .generate import one_function

# Figures of the old VSP from the design, and the bounds that it sets.
OLD_ADD_NS, OLD_RATIO = 679000.0, 46400.0
UNITS = {"add": 64, "loop": 1}  # ADDs, loops in one round
TARGETS = {"ratio": 10.0, "compile 1": 1000.0, "compile 2": 10000.0, "start": 300.0}


def of(engines):
    """The engines that these are for: VSP and C."""
    return {e: make for e, make in engines.items() if e in VSP + (BASE,)}


def measure(build, engines, tiers, start_us, quick):
    """{"add": engine -> (ns, ratio to clang), "loop": ..., "compile": tier -> us, "load_us",
    "assemble_us", "start_us"}"""
    kernels = load_kernels("classic")
    engines = of(engines)
    results = runs.measure(engines, kernels, quick, 3 if quick else 7, section="ADD and loop")
    out = {"start_us": start_us}
    for name, kernel in kernels.items():
        ratios = {e: runs.ratios(results, e, "steady_ns")[name][0] for e in engines}
        units = UNITS[name] * (kernel.quick if quick else kernel.full)[0]
        out[name] = {e: (statistics.median(results[name][e]["steady_ns"]) / units, ratios[e]) for e in engines}
    program = programs(build, one_function, "function", [100])[100]
    warm, repeats = warm_program(build), 5 if quick else 15
    assembled = phases(build, program, tiers[0], warm, repeats)
    silc = build.silc(program[0], build.path("function_100.silc"))
    out["assemble_us"] = assembled["load"]
    out["load_us"] = phases(build, (silc,) + program[1:], tiers[0], warm, repeats)["load"]
    out["compile"] = {tier: compile_costs(build, 100, tier, repeats)[1] for tier in tiers if tier != "interp"}
    return out


def verdict(value, target):
    return "met" if value <= target else "missed"


def line(what, bound, measured, judged=""):
    print("%-44s%-22s%-22s%s" % (what, bound, measured, judged))


def print_table(table):
    print("\nThe design's own targets (VSP 1.0: 679 us an ADD, 46,400 times native)")
    line("", "target", "measured")
    for engine, (ns, ratio) in table["add"].items():
        if engine == BASE:
            line("ADD, %s" % TITLES[engine], "", "%.3f ns" % ns)
            continue
        line("ADD, %s" % TITLES[engine], "", "%.3f ns" % ns, "%.0f times as fast as VSP 1.0" % (OLD_ADD_NS / ns))
        line("  overhead over native", "below 10 times", "%.2f times" % ratio, verdict(ratio, TARGETS["ratio"]))
    for engine, (ns, ratio) in table["loop"].items():
        line("1000-iteration loop, %s" % TITLES[engine], "", "%.2f us" % (ns / 1e3), "%.2f times native" % ratio)
    for tier, us in table["compile"].items():
        target = TARGETS["compile " + tier]
        line("compile 100 instructions, tier %s, warm" % tier, "below %g ms" % (target / 1e3), "%.3f ms" % (us / 1e3), verdict(us, target))
    line("assemble 100 instructions", "", "%.1f us" % table["assemble_us"])
    line("load 100 instructions (.silc)", "", "%.1f us" % table["load_us"])
    if table["start_us"] is not None:
        line("start: process over an empty C program", "below 0.3 ms", "%.3f ms" % (table["start_us"] / 1e3),
             verdict(table["start_us"], TARGETS["start"]))
