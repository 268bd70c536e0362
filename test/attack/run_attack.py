#!/usr/bin/env python3
"""run_attack.py VSPC NAME [NAME ...]: runs hostile programs of programs.py in every tier and ahead
of time; each must end alike everywhere, as programs.py says, and never by a signal. "all" stands
for all of them, and without --aot no program is compiled ahead of time.
"""
import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from programs import PROGRAMS  # pylint: disable=wrong-import-position

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
    return any(got == one or (one in texts and texts[one] in got) for one in wanted.split("|"))


def trap_texts(root):
    """The text of each kind of trap, from its table."""
    with open(os.path.join(root, "runtime", "traps.def"), encoding="utf-8") as table:
        lines = [line[len("TRAP("):].split(", ", 1) for line in table if line.startswith("TRAP(")]
    return {name: text.rsplit('"', 1)[0].lstrip('"') for name, text in lines}


def commands(vspc, ahead, folder):
    for options in TIERS:
        yield " ".join(options), [vspc, "program.sil", "-q", *options], {}
    for number, options in enumerate(AHEAD_OPTIONS if ahead else ()):
        out = f"./program{number}"
        subprocess.run([vspc, "--aot", "program.sil", "-o", out, *options], cwd=folder, check=True, timeout=SECONDS)
        yield " ".join(("--aot", *options)), [out], CANARIES


def attack(name, vspc, ahead, texts):
    """The number of ways in which the program did not end as it must."""
    make, wanted = PROGRAMS[name]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "program.sil"), "w", encoding="utf-8") as out:
            out.write("\n".join(make()) + "\n")
        for what, command, variables in commands(vspc, ahead, folder):
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
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    names = list(PROGRAMS) if options.names == ["all"] else options.names
    failures = sum(attack(name, os.path.abspath(options.vspc), options.aot, trap_texts(root)) for name in names)
    print(f"{len(names)} programs, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
