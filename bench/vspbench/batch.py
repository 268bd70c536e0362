"""Batch instructions: LAUNCHes beside a plain loop in C, on one thread and on as many as VSP takes
by itself. Results first, as for the kernels."""
import statistics

from . import kernels as runs
from .build import load_kernels
from .base import find
from .engines import BASE, tier_engine

TITLES = {BASE: "clang -O3 loop", "one": "one thread", "all": "all threads"}
CHECKED = ("tier1", "tier2", "auto", "aot")


def of(engines):
    """The engines that compile kernels: tier 0 would take minutes."""
    return {e: make for e, make in engines.items() if e in CHECKED}


def engines_of(build):
    tier = tier_engine(build, "2")
    clang = find("clang-22", "clang")
    return {BASE: lambda kernel, n, repeats: [build.native(clang, "loop", kernel), str(n), str(repeats)],
            "one": lambda *run: ["env", "VSP_THREADS=1"] + tier(*run),
            "all": lambda *run: ["env", "-u", "VSP_THREADS"] + tier(*run)}


def measure(build, quick):
    """kernel -> engine -> (ms of a steady call, ratio to C, spread of the ratio)"""
    engines = engines_of(build)
    results = runs.measure(engines, load_kernels("batch"), quick, 3 if quick else 7, section="batch")
    ratios = {e: runs.ratios(results, e, "steady_ns") for e in engines}
    return {k: {e: (statistics.median(row[e]["steady_ns"]) / 1e6,) + ratios[e][k] for e in engines} for k, row in results.items()}


def print_table(table):
    print("\nLAUNCH in tier 2: ratio to clang -O3 -march=native -ffp-contract=off with a plain loop, and its spread")
    print("%-15s%18s%18s%18s" % (("",) + tuple(TITLES.values())))
    for kernel, row in table.items():
        print("%-15s%15.3f ms" % (kernel, row[BASE][0]) + "".join("%10.2f +-%5.2f" % row[e][1:] for e in ("one", "all")))
