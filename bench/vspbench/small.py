"""Whole processes, memory, calls between host and program, and the warm-up of tier auto."""
import math
import statistics

from .base import Progress, command, find, write
from .engines import TIERS

SUM = "MOVI R0, 5\nMOVI R1, 10\nADD R0, R1\nHLT\n"
CALL = ".func kernel(1) -> 1\n\tADDI R0, R0, 1\n\tRET\n.end\n.export kernel\n"
IMPORT = """.import bench.next(1) -> 1
.func kernel(1) -> 1
	MOV R2, R0
	MOVI R0, 0
again:
	HCALL bench.next
	ADDI R2, R2, -1
	BNZ R2, again
	RET
.end
.export kernel
"""


def spawn(build, rounds, programs):
    """name -> {"median_us", "least_us", "over_empty_us", "most_kib"} of whole processes run in turn; the first one is the empty one."""
    argv = [build.tool("bench_spawn"), str(rounds)]
    for i, words in enumerate(programs.values()):
        argv += (["--"] if i else []) + words
    rows = [[float(x) for x in line.split()] for line in command(argv).splitlines()]
    return {name: {"median_us": row[0], "least_us": row[1], "quartiles_us": row[2:4], "over_empty_us": row[0] - rows[0][0],
                   "most_kib": int(row[4])} for name, row in zip(programs, rows)}


def start(build, quick):
    source = write(build.path("sum.sil"), SUM)
    silc, vspc = build.silc(source, build.path("sum.silc")), build.tool("vspc")
    programs = {"empty C program": [build.empty()], "vspc sum.silc": [vspc, silc],
                "vspc --tier=interp sum.silc": [vspc, "--tier=interp", silc], "vspc sum.sil": [vspc, source]}
    for name, words in (("luajit -e ''", ["luajit", "-e", ""]), ("lua5.4 -e ''", ["lua5.4", "-e", ""])):
        if find(words[0]):
            programs[name] = words
    return spawn(build, 200 if quick else 2000, programs)


def print_start(rows):
    print("\nWhole process, from spawn to exit: median and least; over the empty program; most memory resident")
    for name, row in rows.items():
        print("%-30s%9.1f us%9.1f us%+10.1f us%9d KiB" % (name, row["median_us"], row["least_us"], row["over_empty_us"], row["most_kib"]))


def memory(build, engines, kernels):
    """kernel -> engine -> KiB most resident, of one call with the full argument."""
    out = {}
    for name, kernel in kernels.items():
        programs = {"empty": [build.empty()]}
        programs.update({engine: make(kernel, kernel.full[0], 1) for engine, make in engines.items()})
        out[name] = {engine: row["most_kib"] for engine, row in spawn(build, 1, programs).items()}
    return out


def print_memory(table, titles):
    print("\nMost memory resident, MiB (fib uses none itself, sieve 10 MB)")
    columns = list(next(iter(table.values())))
    print("%-10s" % "" + "".join("%17s" % titles.get(c, "empty C program") for c in columns))
    for kernel, row in table.items():
        print("%-10s" % kernel + "".join("%17.1f" % (row[c] / 1024) for c in columns))


def calls(build, engines, quick):
    """direction -> engine -> nanoseconds per call: the host calls an exported function, a program
    calls an import."""
    count = 100000 if quick else 1000000
    inward, outward = write(build.path("call.sil"), CALL), write(build.path("import.sil"), IMPORT)
    out = {"host to program": {}, "by a handle": {}, "program to host": {}}
    for engine, tier in TIERS.items():
        if engine not in engines:
            continue
        for direction, mode, path in (("host to program", "call", inward), ("by a handle", "handle", inward), ("program to host", "import", outward)):
            out[direction][engine] = float(command([build.tool("bench_micro"), mode, path, tier, str(count)]))
    if "aot" in engines:
        library = build.compile_ahead(inward, build.path("call.so"))
        out["host to program"]["aot"] = float(command([build.tool("bench_aot"), library, "1", "call", str(count)]))
    return out


def print_calls(table, titles):
    print("\nCalls between host and program, ns each (least of 5 runs; the callee adds 1)")
    for direction, row in table.items():
        print("%-18s" % direction + "".join("   %s %.1f" % (titles[e], ns) for e, ns in row.items()))


WAYS = {"page": "map, touch and unmap a page", "pool": "an instance of a pool", "new": "a new instance",
        "snapshot": "a new instance from a snapshot"}


def instances(build, quick):
    """threads -> way -> {"per_second", "median_ns", "p99_ns"} of instances that live for one call,
    and "memory": what a live one takes."""
    source, count = write(build.path("call.sil"), CALL), 2000 if quick else 20000
    out = {}
    for threads in (1, 2):
        for line in command([build.tool("bench_instances"), source, str(count), str(threads)]).splitlines():
            way, *figures = line.split()
            if way == "memory":
                out["memory"] = dict(zip(("live", "resident", "page_tables"), map(float, figures)))
            else:
                out.setdefault(str(threads), {})[way] = dict(zip(("per_second", "median_ns", "p99_ns"), map(float, figures)))
    return out


def print_instances(table):
    print("\nInstances that live for one call: a second; median and 99th percentile in us; ratio of medians to the page's")
    for threads in ("1", "2"):
        for way, row in table[threads].items():
            print("%-32s%s thread%s%12.0f a second%9.2f us%9.2f us%8.2f" % (
                WAYS[way], threads, " " if threads == "1" else "s", row["per_second"], row["median_ns"] / 1000,
                row["p99_ns"] / 1000, row["median_ns"] / table[threads]["page"]["median_ns"]))
    memory = table["memory"]
    print("%.0f live instances: %.0f bytes resident each, and %.0f of page tables" % (
        memory["live"], memory["resident"], memory["page_tables"]))


WARMUP = {"fib": 20, "mandelbrot": 40, "hashtable": 2000, "fannkuch": 7}


def warmup(build, engines, kernels, quick):
    """kernel -> [(milliseconds since the first call, speed relative to clang -O2)] in tier auto:
    medians of several processes."""
    runs, limit = (3, 400) if quick else (9, 1000)
    out, progress = {}, Progress("warm-up", runs * len(WARMUP))
    for name, n in WARMUP.items():
        native = command(engines["clang"](kernels[name], n, 200)).split()
        base, samples = statistics.median(int(x) for x in native[102:]), []
        for _ in range(runs):
            argv = [build.tool("bench_micro"), "warmup", kernels[name].file(".sil"), "auto", str(n), str(limit)]
            samples += [tuple(map(int, line.split())) for line in command(argv).splitlines()]
            progress.step(name)
        out[name] = smooth(samples, base)
    return out


def smooth(samples, base, steps_a_decade=10):
    """Medians of the speed over steps of time that are equal on a logarithmic scale."""
    groups = {}
    for begin, length in samples:
        step = round(steps_a_decade * math.log10((begin + length) / 1e6))
        groups.setdefault(step, []).append(base / length)
    return [(10 ** (step / steps_a_decade), statistics.median(group)) for step, group in sorted(groups.items())]
