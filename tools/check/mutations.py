"""Applies small wrong changes to the sources, one at a time, and reports which test catches each.

    tools/check/mutations.py [--only WORDS] [--list] [--check] [--keep]

The changes are in mutations.txt beside this file, with the tests that are to catch them (named as
ctest does, quickest first). A scratch tree of the last commit is built in build/mutations with the
preset dev; each change is made there, what its tests need is built, and they run until one fails.
One row per change is printed, as docs/testing.md has them. The exit status is 1 when a change
survives. It takes some seconds for each change, so it is run by hand and is no part of ./setup test.

    --only WORDS only changes whose area, file or description matches the regular expression
    --list       only prints what would be changed
    --check      only checks that each text to be changed occurs exactly once in its file
    --keep       leaves the scratch tree for the next run, with its build
"""

import argparse
import dataclasses
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "mutations"
BUILD = TREE / "build" / "dev"
LIMIT_S = 120  # for one test
COMPILER = ["vsp_jit", "vsp_aot_library"]  # which vspc loads


@dataclasses.dataclass
class Mutation:
    """One wrong change: old becomes new in file; one of tests must fail."""

    area: str
    what: str
    file: str = ""
    old: str = ""
    new: str = ""
    tests: list = dataclasses.field(default_factory=list)


def read_mutations(path):
    """The entries of mutations.txt, whose head describes the format."""
    mutations = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        key, _, value = line.partition(": ")
        if line.startswith("["):
            area, _, what = line[1:].partition("] ")
            mutations.append(Mutation(area, what))
        elif key == "in":
            mutations[-1].file = value
        elif key == "tests":
            mutations[-1].tests = value.split()
        elif line[:2] == "- ":
            mutations[-1].old += line[2:] + "\n"
        elif line[:1] == "+":
            mutations[-1].new += line[2:] + "\n"
        else:
            sys.exit(f"{path}:{number}: not understood: {line}")
    for m in mutations:
        m.old, m.new = m.old[:-1], m.new[:-1]
    return mutations


def check(mutations):
    """Prints the changes that do not fit the sources any more. Whether there are none."""
    good = True
    for m in mutations:
        count = (ROOT / m.file).read_text().count(m.old)
        if count != 1:
            print(f"{m.file}: '{m.what}': the text to be changed occurs {count} times")
            good = False
    return good


def targets(test):
    """What has to be built for a test."""
    group, _, rest = test.partition(".")
    if group == "unit":
        return [rest.replace(".", "_")]
    if group == "llvm" and rest.startswith("test_"):
        return [rest]
    if group in ("programs", "examples"):
        return ["step_programs"] if rest == "stepped" else ["vspc", "run_programs", *COMPILER]
    if group == "attack" and rest == "interrupts":
        return ["attack_interrupts"]
    if group == "fuzz":
        return ["fuzz_" + rest, "fuzz_seeds"]
    own = {"differential": ["differential"], "mutants": ["mutants"], "proof": ["proof_emit"]}
    return own.get(group, ["vspc"]) + COMPILER


def run(command, **options):
    """The finished process, with its output as text."""
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def build(names):
    """None, or the compiler's complaint."""
    done = run(["ninja", "-C", str(BUILD), "-j2", *names])
    return None if done.returncode == 0 else done.stdout


def failed(test):
    """None when the test passes; otherwise what noticed, for a reader."""
    done = run(["ctest", "--test-dir", str(BUILD), "-R", f"^{re.escape(test)}$", "--timeout", str(LIMIT_S), "--output-on-failure"])
    if done.returncode == 0 and "No tests were found" not in done.stdout:
        return None
    if "No tests were found" in done.stdout:
        sys.exit(f"there is no test {test}")
    if "***Timeout" in done.stdout:
        return f"`{test}`: did not end"
    cases = re.findall(r"\[  FAILED  \] (\w+)", done.stdout)
    programs = re.findall(r"(?:FAIL |^)(?:\S*/)?(\w+\.sil)\b", done.stdout, re.MULTILINE)
    return ": ".join([f"`{test}`", *dict.fromkeys((cases or programs)[:1])])


def make_tree():
    """A tree of the last commit, configured."""
    if not TREE.exists():
        subprocess.run(["git", "-C", str(ROOT), "worktree", "add", "--detach", str(TREE), "HEAD"], check=True)
    subprocess.run(["git", "-C", str(TREE), "checkout", "-q", "--force", "--detach", run(["git", "-C", str(ROOT), "rev-parse", "HEAD"]).stdout.strip()], check=True)
    if not (BUILD / "build.ninja").exists():
        configured = run(["cmake", "--preset", "dev"], cwd=TREE)
        if configured.returncode:
            sys.exit(configured.stdout)


def remove_tree():
    subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(TREE)], check=True)


def try_out(mutation):
    """What catches the change, or None."""
    path = TREE / mutation.file
    right = path.read_text()
    try:
        path.write_text(right.replace(mutation.old, mutation.new))
        for test in mutation.tests:
            if build(targets(test)):
                return "the compiler"
            caught = failed(test)
            if caught:
                return caught
        return None
    finally:
        path.write_text(right)


def main():
    parser = argparse.ArgumentParser(description="Which test catches which wrong change? docs/testing.md")
    parser.add_argument("--only", default="")
    for flag in ("--list", "--check", "--keep"):
        parser.add_argument(flag, action="store_true")
    args = parser.parse_args()
    mutations = [m for m in read_mutations(pathlib.Path(__file__).with_suffix(".txt"))
                 if re.search(args.only, f"{m.area} {m.file} {m.what}")]
    if args.list:
        for m in mutations:
            print(f"{m.area}: {m.what} ({m.file}): {' '.join(m.tests)}")
        return 0
    fit = check(mutations)
    if args.check or not fit:
        return not fit
    make_tree()
    complaint = build(sorted({t for m in mutations for test in m.tests for t in targets(test)}))
    if complaint:
        sys.exit(complaint)
    for test in dict.fromkeys(test for m in mutations for test in m.tests):
        if failed(test):
            sys.exit(f"{test} fails without any change")
    survivors = 0
    for m in mutations:
        caught = try_out(m)
        survivors += caught is None
        print(f"| {m.area} | {m.what} | {caught or '**nothing**'} |", flush=True)
    if not args.keep:
        remove_tree()
    print(f"{len(mutations) - survivors} of {len(mutations)} caught", file=sys.stderr)
    return survivors != 0


sys.exit(main())
