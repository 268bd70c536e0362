#!/usr/bin/env python3
"""run_attack.py VSPC NAME [NAME ...]: runs hostile programs of programs.py, and WebAssembly modules
of wasm/, in every tier and ahead of time; each must end alike everywhere, as programs.py and MODULES
say, and never by a signal. "all" stands
for all of them, and without --aot no program is compiled ahead of time.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from programs import PROGRAMS  # pylint: disable=wrong-import-position

FOLDER = os.path.dirname(os.path.abspath(__file__))

# Modules of wasm/, made from the texts beside them by wat2wasm, and how they end.
MODULES = {
    "call_behind_table": "BAD_FUNCTION",
    "call_indirect": "BAD_FUNCTION",
    "memory_init": "OUT_OF_BOUNDS",
    "table_copy": "TABLE",
    "wasi_pointers": "ok",
}

WASM_TEXTS = {"TABLE": "out of bounds table access"}  # of traps that WebAssembly alone has

SECONDS = 120  # a guard against hanging, nothing more

TIERS = (
    ("--tier=interp",),
    ("--tier=interp", "--bounds=explicit"),
    ("--tier=baseline",),
    ("--tier=baseline", "--bounds=explicit"),
    ("--tier=baseline", "--no-signals"),
    ("--cache=off",),
    ("--cache=off", "--sync-compile", "--tier2-threshold=4000000000"),
    ("--cache=off", "--sync-compile"),
    ("--cache=off", "--sync-compile", "--bounds=explicit"),
    ("--cache=here", "--sync-compile"),
    ("--cache=here", "--sync-compile"),
)
AHEAD_OPTIONS = ((), ("-O0",), ("--bounds=explicit",))
# What was compiled ahead of time runs with bytes behind each block of the heap, linear memory with
# explicit bounds among them, that must not have changed when it is freed. In libvsp the blocks of
# hostile builds have them (runtime/base/alloc_hostile.c).
CANARIES = {"LD_PRELOAD": "libc_malloc_debug.so.0", "GLIBC_TUNABLES": "glibc.malloc.check=3"}


def ending(command, folder, variables):
    """The output of a command; for a trap, its kind; for a signal, a mark."""
    run = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False, env={**os.environ, **variables})
    if run.returncode < 0:
        return f"signal {-run.returncode}"
    if run.returncode == 0:
        return run.stdout.decode().strip()
    return run.stderr.decode(errors="replace").strip() or f"status {run.returncode}"


def is_ending(got, wanted, texts):
    return any(got == one or texts.get(one, WASM_TEXTS.get(one, "\n")) in got for one in wanted.split("|"))


def trap_texts(root):
    """The text of each kind of trap, from its table."""
    with open(os.path.join(root, "runtime", "traps.def"), encoding="utf-8") as table:
        lines = [line[len("TRAP("):].split(", ", 1) for line in table if line.startswith("TRAP(")]
    return {name: text.rsplit('"', 1)[0].lstrip('"') for name, text in lines}


def commands(vspc, ahead, folder, program):
    for options in TIERS:
        yield " ".join(options), [vspc, program, "-q", *options], {}
    for number, options in enumerate(AHEAD_OPTIONS if ahead else ()):
        out = f"./program{number}"
        subprocess.run([vspc, "--aot", program, "-o", out, *options], cwd=folder, check=True, timeout=SECONDS)
        yield " ".join(("--aot", *options)), [out], CANARIES


def write_program(name, folder):
    """Writes the program of that name, and returns its file and how it must end."""
    if name in MODULES:
        shutil.copy(os.path.join(FOLDER, "wasm", name + ".wasm"), os.path.join(folder, "program.wasm"))
        return "program.wasm", MODULES[name]
    make, wanted = PROGRAMS[name]
    with open(os.path.join(folder, "program.sil"), "w", encoding="utf-8") as out:
        out.write("\n".join(make()) + "\n")
    return "program.sil", wanted


def attack(name, vspc, ahead, texts):
    """The number of ways in which the program did not end as it must."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        program, wanted = write_program(name, folder)
        for what, command, variables in commands(vspc, ahead, folder, program):
            got = ending(command, folder, variables)
            if not is_ending(got, wanted, texts):
                failures += 1
                print(f"FAILED: {name} [{what}]: {got[:200]!r}, wanted {wanted!r}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aot", action="store_true")
    parser.add_argument("vspc")
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    root = os.path.join(FOLDER, "..", "..")
    names = list(PROGRAMS) + list(MODULES) if options.names == ["all"] else options.names
    failures = sum(attack(name, os.path.abspath(options.vspc), options.aot, trap_texts(root)) for name in names)
    print(f"{len(names)} programs, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
