#!/usr/bin/env python3
"""Random C programs of csmith (Debian's packages csmith and libcsmith-dev) through VSP: each prints
the checksum of its variables, which must be that of a native build, interpreted, in tier 2 and ahead
of time.

csmith.py VSPC [--first=SEED] [--count=N] [--jobs=N] [--runs=interp,2,aot]
"""
import argparse
import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
TIME = 5  # of a native run: programs that take longer, or for ever, say nothing


def run(words, folder, time=60):
    try:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=time, errors="replace")
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        return "time", "", ""


# Runs a module with node's WASI.
NODE = """import { WASI } from "node:wasi";
import { readFileSync } from "node:fs";
const wasi = new WASI({ version: "preview1", args: ["p"], returnOnExit: true });
const { instance } = await WebAssembly.instantiate(readFileSync("p.wasm"), wasi.getImportObject());
process.exitCode = wasi.start(instance);
"""


def elsewhere(folder):
    """What another engine prints: some programs depend on the sizes of types."""
    node = shutil.which("node")
    if not node:
        return None
    with open(os.path.join(folder, "run.mjs"), "w") as script:
        script.write(NODE)
    return run([node, "--no-warnings", "run.mjs"], folder)[1]


def run_program(a, kind, folder):
    """Runs p.wasm in a tier, or compiled ahead of time."""
    if kind != "aot":
        return run([a.vspc, "--tier=" + kind, "p.wasm"], folder, 100)
    status, found, text = run([a.vspc, "--aot", "p.wasm", "-O1", "-o", "compiled"], folder, 200)
    return run(["./compiled"], folder, 100) if status == 0 else (status, found, text)


def check(a, seed):
    """None: it was not run; a list of what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        if run([a.csmith, "--seed", str(seed), "--output", "p.c"], folder)[0]:
            return None
        flags = ["-w", "-O1", "-I" + a.headers, "p.c", "-o"]
        if run([a.clang] + flags + ["native"], folder)[0]:
            return None
        status, wanted, _ = run(["./native"], folder, TIME)
        if status:
            return None
        status, _, text = run([a.clang, "--target=wasm32-wasi"] + flags + ["p.wasm"], folder)
        if status:
            return [f"seed {seed}: not compiled for WASI: {text[:200]}"]
        wrong = []
        other = None
        for tier in a.runs:
            status, found, text = run_program(a, tier, folder)
            if status == 0 and found != wanted:
                other = other or elsewhere(folder)
                wanted = other or wanted
            if status or found != wanted:
                wrong.append(f"seed {seed}: {tier}: status {status}, {found.strip()}, not {wanted.strip()} {text[:200]}")
        return wrong


def main():
    p = argparse.ArgumentParser()
    p.add_argument("vspc")
    p.add_argument("--first", type=int, default=1)
    p.add_argument("--count", type=int, default=20)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--runs", default="interp,2")
    a = p.parse_args()
    a.vspc = os.path.abspath(a.vspc)
    a.runs = a.runs.split(",")
    a.clang = shutil.which("clang-22") or shutil.which("clang")
    a.csmith = shutil.which("csmith")
    headers = glob.glob("/usr/include/csmith*/csmith.h") + glob.glob("/usr/include/csmith.h")
    if not a.clang or not a.csmith or not headers:
        print("skipped: csmith, libcsmith-dev or clang is missing")
        return SKIP
    a.headers = os.path.dirname(headers[0])
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/p.c", "w") as source:
            source.write("#include <stdio.h>\nint main(void) { return 0; }\n")
        if run([a.clang, "--target=wasm32-wasi", "p.c", "-o", "p.wasm"], folder)[0]:
            print("skipped: no clang for WASI")
            return SKIP
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        results = list(pool.map(lambda seed: check(a, seed), range(a.first, a.first + a.count)))
    wrong = [text for result in results if result for text in result]
    ran = sum(result is not None for result in results)
    print("\n".join(wrong))
    print(f"{ran} programs of {a.count} run ({', '.join(a.runs)}), {len(wrong)} results are wrong")
    return 1 if wrong or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
