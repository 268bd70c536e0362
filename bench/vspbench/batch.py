"""Batch instructions. LAUNCHes, on one thread and on as many as VSP takes by itself, beside a plain
loop in C and the same kernel in OpenCL C on the first OpenCL device; the others beside loops written
in vectors. Results first, as for the kernels."""
import statistics

from . import kernels as runs
from .base import Failure, find
from .build import load_kernels
from .engines import BASE, tier_engine

OPENCL = "opencl"
TITLES = {BASE: "clang -O3 loop", OPENCL: "OpenCL", "one": "one thread", "all": "all threads", "hand": "vectors in C"}
CHECKED = ("tier1", "tier2", "auto", "aot")


def of(engines):
    """The engines that compile kernels: tier 0 would take minutes."""
    return {e: make for e, make in engines.items() if e in CHECKED}


def with_threads(tier, *settings):
    return lambda *run: ["env", *settings] + tier(*run)


def opencl_engine(build, kernels):
    """(the engine, None), or (None, why there is none)."""
    clang = find("clang-22", "clang")

    def make(kernel, n, repeats):
        return [build.opencl(clang, kernel), str(n), str(repeats)]
    try:
        for kernel in kernels.values():
            runs.Sample(make(kernel, kernel.quick[0], 1), kernel.quick[1])
    except Failure as failure:
        return None, str(failure).splitlines()[-1]
    return make, None


def launch_engines(build, kernels):
    """What runs LAUNCHes' kernels, in the order of the columns."""
    clang, tier = find("clang-22", "clang"), tier_engine(build, "2")
    opencl, why = opencl_engine(build, kernels)
    if why:
        print("OpenCL is left out: %s" % why)
    table = {BASE: lambda kernel, n, repeats: [build.native(clang, "loop", kernel), str(n), str(repeats)], OPENCL: opencl,
             "one": with_threads(tier, "VSP_THREADS=1"), "all": with_threads(tier, "-u", "VSP_THREADS")}
    return {name: make for name, make in table.items() if make}


def figures(results, engines):
    """kernel -> engine -> (ms of a steady call, ratio to C, spread of the ratio)"""
    ratios = {e: runs.ratios(results, e, "steady_ns") for e in engines}
    return {k: {e: (statistics.median(row[e]["steady_ns"]) / 1e6,) + ratios[e][k] for e in engines} for k, row in results.items()}


def measure(build, quick):
    """{"launch": figures, "vectors": figures}"""
    rounds = 3 if quick else 7
    kernels = load_kernels("batch")
    engines = launch_engines(build, kernels)
    launch = figures(runs.measure(engines, kernels, quick, rounds, section="LAUNCH"), engines)
    clang = find("clang-22", "clang")
    engines = {BASE: lambda kernel, n, repeats: [build.native(clang, "loop", kernel), str(n), str(repeats)],
               "one": tier_engine(build, "2")}
    vectors = load_kernels("vectors")
    return {"launch": launch, "vectors": figures(runs.measure(engines, vectors, quick, rounds, section="VMAP and the like"), engines)}


def print_table(tables):
    engines = [e for e in TITLES if e in next(iter(tables["launch"].values()))]
    print("\nLAUNCH in tier 2: ratio to clang -O3 -march=native -ffp-contract=off with a plain loop, and its spread; the last\n"
          "column is all threads' to the better of that and OpenCL")
    print("%-15s" % "" + "".join("%18s" % TITLES[e] for e in engines) + "%12s" % "to the best")
    for kernel, row in tables["launch"].items():
        best = min(row[e][0] for e in (BASE, OPENCL) if e in row)
        print("%-15s%15.3f ms" % (kernel, row[BASE][0]) + "".join("%10.2f +-%5.2f" % row[e][1:] for e in engines[1:]) +
              "%12.2f" % (row["all"][0] / best))
    print("\nVMAP, VRED, GRADB and DESCB: ratio to loops written in vectors, and its spread; copy: to the C library's memcpy")
    print("%-15s%18s%18s" % ("", TITLES["hand"], TITLES["one"]))
    for kernel, row in tables["vectors"].items():
        print("%-15s%15.3f ms%10.2f +-%5.2f" % ((kernel, row[BASE][0]) + row["one"][1:]))
