#!/usr/bin/env python3
"""The GCC torture programs through VSP: each, compiled by clang for WASI, ends with the exit status
of a native build, interpreted, in tier 2 and ahead of time.

The sources are those that Debian's package gcc-12-source carries. Programs that cannot apply are
counted by reason: those that clang does not compile natively, that fail natively too, that need what
WASI has not, or that call functions of another type, which WebAssembly does not link.

torture.py VSPC [--part=K/N] [--every=N] [--jobs=N] [--runs=interp,2,aot] [--least=N] [NAME...]
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

SKIP = 77
FOLDERS = "gcc/testsuite/gcc.c-torture/execute/"
TIME = 60
# Old C: what newer compilers refuse, and old ones took.
OLD_C = ["-std=gnu17", "-w", "-Wno-implicit-function-declaration", "-Wno-implicit-int", "-Wno-int-conversion",
         "-Wno-incompatible-pointer-types", "-Wno-incompatible-function-pointer-types", "-Wno-return-mismatch",
         "-Wno-return-type"]
# What a program may ask of a machine, and this one has not.
MISSING = [
    (r"dg-require-effective-target\s+(trampolines|nonlocal_goto|label_values|indirect_jumps)", "nested functions, or jumps to labels as values"),
    (r"dg-require-effective-target\s+(lp64|int128|fpic|signal|alloca_stack|return_address|untyped_assembly)", "a property of the machine that WebAssembly has not"),
    (r"__builtin_(apply|return_address|frame_address|longjmp|setjmp)|\b(long|set)jmp\s*\(", "access to frames, or non-local jumps"),
    (r"\bsignal\s*\(|SIGALRM|sys/mman|\bmmap\s*\(|\bfork\s*\(", "signals, mappings or processes"),
    (r"\bl?abs_trap|tmpnam\s*\(|mkstemp", "temporary files by name"),
]
# Programs that only show when they are run that they cannot apply.
BY_NAME = {"pr67037": "calls a function of another type",
           "ieee/cdivchkd": "divides complex numbers as WASI's library cannot, in any engine",
           "ieee/cdivchkf": "divides complex numbers as WASI's library cannot, in any engine",
           "ieee/cdivchkld": "divides complex numbers as WASI's library cannot, in any engine"}
# What vspc --cc asks for, and a mismatch of types as an error.
WASI = ["--target=wasm32-wasi", "-Wl,--fatal-warnings", "-Wl,--stack-first", "-Wl,-z,stack-size=8388608"]
UNDEFINED = re.compile(r"undefined symbol: (\S+)")


def run(words, folder, time=TIME):
    try:
        done = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=time, errors="replace")
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return "time", ""


def sources(into):
    """Unpacks the programs; returns their paths, or None when the package is missing."""
    tars = sorted(glob.glob("/usr/src/gcc-*/gcc-*.tar.xz"))
    if not tars:
        return None
    with tarfile.open(tars[-1]) as tar:
        for member in tar:
            at = member.name.find(FOLDERS)
            if at < 0 or not member.isfile():
                continue
            path = os.path.join(into, member.name[at + len(FOLDERS):])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                shutil.copyfileobj(tar.extractfile(member), out)
    return sorted(glob.glob(into + "/*.c") + glob.glob(into + "/ieee/*.c"))


class Program:
    def __init__(self, path, arguments):
        self.path, self.a = path, arguments
        self.name = os.path.splitext(path[len(arguments.folder) + 1:])[0]
        with open(path, errors="replace") as source:
            self.text = source.read()

    def options(self):
        found = re.findall(r'dg-(?:additional-)?options\s+"([^"]*)"\s*}', self.text)
        return [word for text in found for word in text.split() if word.startswith(("-f", "-std", "-D", "-ansi"))]

    def compile(self, compiler, out, folder):
        return run(compiler + OLD_C + self.options() + ["-O2", "-o", out, self.path, "-lm"], folder)

    def inapplicable(self, folder):
        """The reason why it cannot be run, or None, and then the status that a native build ends with."""
        if self.name in BY_NAME:
            return BY_NAME[self.name], None
        for pattern, reason in MISSING:
            if re.search(pattern, self.text):
                return "needs " + reason, None
        status, _ = self.compile([self.a.clang], "native", folder)
        if status:
            return "clang does not compile it natively", None
        native, _ = run(["./native"], folder)
        if native != 0:
            return "a native build by clang fails too", None
        status, text = self.compile([self.a.clang] + WASI, "p.wasm", folder)
        if status and "signature mismatch" in text:
            return "calls a function of another type", None
        if status and UNDEFINED.search(text):
            return "needs " + UNDEFINED.search(text).group(1) + ", which WASI's library has not", None
        if status:
            return "clang does not compile it for WASI", None
        return None, native

    def run_all(self, folder, wanted):
        wrong = []
        for kind in self.a.runs:
            if kind == "aot":
                status, text = run([self.a.vspc, "--aot", "p.wasm", "-O1", "-o", "compiled"], folder, 4 * TIME)
                if status == 0:
                    status, text = run(["./compiled"], folder)
            else:
                status, text = run([self.a.vspc, "--tier=" + kind, "p.wasm"], folder, 4 * TIME)
            if status != wanted:
                wrong.append(f"{self.name}: {kind}: status {status}, not {wanted}: {text.strip()[:300]}")
        return wrong

    def check(self):
        """A reason and None, or None and what is wrong."""
        with tempfile.TemporaryDirectory(dir=self.a.folder) as folder:
            reason, wanted = self.inapplicable(folder)
            return (reason, None) if reason else (None, self.run_all(folder, wanted))


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("vspc")
    p.add_argument("--part", default="1/1")
    p.add_argument("--every", type=int, default=1)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--runs", default="interp,2,aot")
    p.add_argument("--least", type=int, default=0, help="how many must have been run")
    p.add_argument("--names", action="store_true", help="name the programs that cannot be run")
    p.add_argument("programs", nargs="*")
    a = p.parse_intermixed_args()
    a.vspc = os.path.abspath(a.vspc)
    a.runs = a.runs.split(",")
    a.clang = shutil.which("clang-22") or shutil.which("clang")
    return a


def choose(a, paths):
    if a.programs:
        return [p for p in paths if os.path.splitext(os.path.basename(p))[0] in a.programs]
    part, parts = (int(word) for word in a.part.split("/"))
    return paths[part - 1::parts][::a.every]


def report(a, results):
    reasons, wrong, ran = collections.defaultdict(list), [], 0
    for program, (reason, found) in results:
        if reason:
            reasons[reason].append(program.name)
        else:
            ran += 1
            wrong += found
    for reason, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"{len(names):5} not run: {reason}" + (": " + " ".join(names) if a.names else ""))
    print("\n".join(wrong))
    print(f"{ran} programs run ({', '.join(a.runs)}), {len(wrong)} results are wrong")
    return 1 if wrong or ran < a.least else 0


def main():
    a = arguments()
    if not a.clang or run([a.clang, "--target=wasm32-wasi", "-print-file-name=libc.a"], "/")[1].strip().endswith("\nlibc.a"):
        print("skipped: no clang for WASI")
        return SKIP
    with tempfile.TemporaryDirectory() as folder:
        a.folder = folder
        paths = sources(folder)
        if not paths:
            print("skipped: Debian's package gcc-12-source is not installed")
            return SKIP
        programs = [Program(path, a) for path in choose(a, paths)]
        with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
            return report(a, list(zip(programs, pool.map(Program.check, programs))))


if __name__ == "__main__":
    sys.exit(main())
