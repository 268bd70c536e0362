"""The command line: which sections to run, in which order, and where the report goes."""
import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import time

from . import batch, classic, counts, engines as available_engines, kernels as runs, lengths, short, sizes, small, svg
from .base import ROOT, Failure, command
from .build import Build, load_kernels
from .engines import BASE, TITLES, VSP

SECTIONS = ("kernels", "lengths", "short", "start", "classic", "batch", "guests", "calls", "instances", "memory", "compile", "size", "warmup")
ON_REQUEST = ("counts",)  # slow, and not a time


def machine():
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next((l.split(":", 1)[1].strip() for l in lines if l.startswith("model name")), model)
    except OSError:
        pass
    return {"cpu": model, "cores": os.cpu_count(), "load": os.getloadavg()[0], "system": platform.platform(),
            "date": time.strftime("%Y-%m-%d")}


SERVICES = ("page fault", "system call", "thread switch")


def services(build):
    """What the system's basic services cost, in nanoseconds."""
    return dict(zip(SERVICES, map(float, command([build.tool("bench_machine")]).split())))


def print_services(costs):
    print("This machine: " + ", ".join("a %s takes %.2f us" % (name, ns / 1e3) for name, ns in costs.items()))


@contextlib.contextmanager
def spinning(priority):
    """One process for each processor that does nothing but spin, with this nice value; none for None."""
    spin = "import os\nos.nice(%d)\nwhile True: pass" % (priority or 0)
    spinners = [] if priority is None else [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def names(text):
    return [name for name in text.split(",") if name]


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description="Benchmarks of VSP. docs/performance.md says how to read them.")
    parser.add_argument("--quick", action="store_true", help="small arguments, few rounds: about a minute, and more noise")
    parser.add_argument("--check", action="store_true", help="only check every kernel's result, in an existing build; times nothing")
    parser.add_argument("--rounds", type=int, default=0, help="rounds of the kernels and lengths (default 5 and 3, with --quick 3 and 1)")
    parser.add_argument("--kernels", default="", metavar="LIST", help="which kernels, with commas between (default: all)")
    parser.add_argument("--engines", default="", metavar="LIST", help="which of %s (default: all; clang always)" % ", ".join(TITLES))
    parser.add_argument("--sections", default=",".join(SECTIONS), metavar="LIST",
                        help="which of %s; on request also %s" % (", ".join(SECTIONS), ", ".join(ON_REQUEST)))
    parser.add_argument("--busy", type=int, nargs="?", const=0, metavar="NICE",
                        help="keep every processor busy meanwhile, with a process of this nice value (default 0)")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "bench"), metavar="DIR", help="build folder (default build/bench)")
    parser.add_argument("--out", default="", metavar="DIR",
                        help="where report.json and the charts go (default: report in the build folder)")
    options = parser.parse_args()
    if options.busy is not None and not 0 <= options.busy <= 19:
        parser.error("--busy: a nice value is from 0 to 19")
    if options.rounds < 0:
        parser.error("--rounds: %d is no number of rounds" % options.rounds)
    for what, given, known in (("section", options.sections, SECTIONS + ON_REQUEST), ("engine", options.engines, TITLES)):
        for name in names(given):
            if name not in known:
                parser.error("no such %s: %s (there are %s)" % (what, name, ", ".join(known)))
    return options


class Session:
    """One run of the sections; each leaves its figures in the report and prints them."""

    def __init__(self, options, build, found):
        self.options, self.build, self.found = options, build, found
        self.quick, self.sections = options.quick, names(options.sections)
        self.kernels = load_kernels("kernels", names(options.kernels))
        self.tiers = ["interp"] + [t for e, t in (("tier1", "1"), ("tier2", "2")) if e in found]
        self.out = options.out or os.path.join(build.folder, "report")
        self.report = {"machine": machine(), "services_ns": services(build), "quick": options.quick, "busy": options.busy}
        os.makedirs(self.out, exist_ok=True)

    def file(self, name):
        return os.path.join(self.out, name)

    def run_kernels(self):
        rounds = self.options.rounds or (3 if self.quick else 5)
        results = runs.measure(self.found, self.kernels, self.quick, rounds)
        steady, first = (runs.summary(results, self.found, what) for what in ("steady_ns", "first_ns"))
        runs.print_table(results, steady, "steady_ns", "Steady calls: ratio to clang -O2 -march=native -ffp-contract=off, and its spread")
        runs.print_table(results, first, "first_ns",
                         "First call in a fresh process, loading and compiling included: ratio to clang's first call")
        self.report.update({"rounds": rounds, "kernels": results, "steady": steady, "first": first})
        if steady["ratios"]:
            svg.ratio_chart(self.file("kernels.svg"), steady, TITLES, "steady calls; -march=native, no contraction of floating point")
            svg.ratio_chart(self.file("first.svg"), first, TITLES, "first call in a fresh process, loading and compiling included")

    def run_lengths(self):
        chosen = names(self.options.kernels) or (lengths.QUICK_KERNELS if self.quick else lengths.KERNELS)
        cells = lengths.measure(self.found, load_kernels("kernels", chosen), self.quick, self.options.rounds or (1 if self.quick else 3))
        if not cells:
            print("\nFirst calls by length: nothing to measure beside C")
            return
        table = lengths.summary(cells)
        self.report["lengths"] = {"cells": cells, "summary": table}
        lengths.print_table(cells, table, TITLES)
        svg.length_chart(self.file("lengths.svg"), lengths.series(table), TITLES)

    def run_short(self):
        if "auto" not in self.found:
            print("\nShort runs: nothing to measure without the compiler library")
            return
        self.report["short"] = short.measure(self.build, self.quick)
        short.print_table(self.report["short"])

    def run_start(self):
        self.report["start"] = small.start(self.build, self.quick)
        small.print_start(self.report["start"])

    def run_classic(self):
        start = self.report.get("start", {}).get("vspc sum.silc", {}).get("over_empty_us")
        self.report["classic"] = classic.measure(self.build, self.found, self.tiers, start, self.quick)
        classic.print_table(self.report["classic"])

    def run_batch(self):
        if "tier2" not in self.found:
            print("\nLAUNCH: nothing to measure without the compiler library")
            return
        self.report["batch"] = batch.measure(self.build, self.quick)
        batch.print_table(self.report["batch"])

    def run_guests(self):
        """Kernels that are there in C alone, by the engines that run C."""
        engines = {e: make for e, make in self.found.items() if e in available_engines.C}
        results = runs.measure(engines, load_kernels("guests"), self.quick, self.options.rounds or (3 if self.quick else 5), section="guests")
        steady = runs.summary(results, engines, "steady_ns")
        runs.print_table(results, steady, "steady_ns", "Kernels in C by way of WebAssembly: steady calls, ratio to clang -O2 -march=native")
        self.report["guests"] = {"kernels": results, "steady": steady}

    def run_calls(self):
        self.report["calls"] = small.calls(self.build, self.found, self.quick)
        small.print_calls(self.report["calls"], TITLES)

    def run_instances(self):
        self.report["instances"] = small.instances(self.build, self.quick)
        small.print_instances(self.report["instances"])

    def run_memory(self):
        self.report["memory_kib"] = small.memory(self.build, self.found, load_kernels("kernels", ["fib", "sieve"]))
        small.print_memory(self.report["memory_kib"], TITLES)

    def run_compile(self):
        if len(self.tiers) == 1:
            print("\nCompile time: nothing to measure without the compiler library")
            return
        times = sizes.compile_times(self.build, self.tiers[1:], self.quick)
        self.report["compile_us"] = times
        sizes.print_points("Compile time of one function, and of the first one in a process", times)
        svg.line_chart(self.file("compile.svg"), times, "Compile time of one function", "in a process that compiles several; first: with the compiler's start",
                       "instructions", "microseconds", linear=True)

    def run_size(self):
        costs = sizes.program_costs(self.build, self.tiers, self.quick)
        self.report["size_us"] = costs
        sizes.print_points("Cost against program size (functions of 100 instructions, each called once)", costs)
        svg.line_chart(self.file("size.svg"), costs, "Cost against program size", "functions of 100 instructions, each called once",
                       "instructions", "microseconds", linear=True)

    def run_warmup(self):
        if "auto" not in self.found:
            print("\nWarm-up: nothing to measure without the compiler library")
            return
        curves = small.warmup(self.build, self.found, load_kernels("kernels", small.WARMUP), self.quick)
        self.report["warmup"] = curves
        svg.line_chart(self.file("warmup.svg"), curves, "Speed while tiering up", "one process in tier auto, calls of tens of microseconds",
                       "milliseconds since the first call", "speed relative to clang -O2", [(1.0, "clang -O2")])

    def run_counts(self):
        table = counts.measure(self.build, self.found, self.kernels)
        if table is None:
            print("\nInstructions: valgrind is not installed")
            return
        self.report["instructions"] = table
        counts.print_table(table, TITLES)

    def run(self):
        print_services(self.report["services_ns"])
        for section in SECTIONS + ON_REQUEST:
            if section in self.sections:
                getattr(self, "run_" + section)()
        with open(self.file("report.json"), "w", encoding="utf-8") as out:
            json.dump(self.report, out, indent=1)
        print("\nReport and charts: %s" % self.out)


def find_engines(build, wanted, kernels):
    """The engines that work here; prints for each other one why it is left out."""
    found, missing = available_engines.available(build, wanted)
    if "aot" in found:
        try:
            build.aot(next(iter(kernels.values())))
        except Failure as failure:
            missing["aot"] = str(failure).splitlines()[-1]
            del found["aot"]
    for engine, reason in missing.items():
        print("%s is left out: %s" % (TITLES[engine], reason))
    return found


def main():
    options = arguments()
    build = Build(os.path.abspath(options.build))
    build.project(configure=not options.check)
    wanted = names(options.engines) or list(VSP if options.check else TITLES)
    if not options.check and BASE not in wanted:
        wanted.insert(0, BASE)
    found = find_engines(build, wanted, load_kernels("kernels"))
    if options.check:
        for folder, engines in (("kernels", found), ("classic", classic.of(found)), ("batch", batch.of(found)),
                                ("vectors", batch.of(found))):
            kernels = load_kernels(folder)
            for kernel in kernels.values():
                kernel.check_arguments()
            runs.check(engines, kernels, quick=True)
        guests, _ = available_engines.available(build, ("wasm-interp", "wasm-tier2"))
        runs.check(guests, load_kernels("guests"), quick=True)
        print("all results are right in %s" % ", ".join(TITLES[e] for e in found))
        return
    if BASE not in found:
        raise Failure("clang is needed: every figure is a ratio to it")
    if not build.is_optimised():
        print("Note: %s is no Release build; these times say nothing about VSP" % build.folder)
    if os.getloadavg()[0] > 0.5:
        print("Note: other programs keep this machine busy (load %.1f); expect noise" % os.getloadavg()[0])
    session = Session(options, build, found)
    with spinning(options.busy):
        session.run()


def run():
    try:
        main()
    except Failure as failure:
        sys.stdout.flush()
        return "bench/run: %s" % failure
    except KeyboardInterrupt:
        return 130
    return 0
