#!/bin/sh
# Measures which lines and branches the tests run: builds the preset coverage, runs its tests and
# prints a table, in per cent, by parts and by files. With --table it prints the table of the last
# run again. The parts are in the list below. Failing tests are reported.
#
# Left out are files of other systems, which no build here compiles, generated ones, and tests and
# tools.
set -e
cd "$(dirname "$0")/.."
build=build/coverage
counts=$build/counts
profdata=$(command -v llvm-profdata-22 || command -v llvm-profdata)
cov=$(command -v llvm-cov-22 || command -v llvm-cov)

if [ "$1" != --table ]; then
	cmake --preset coverage >$build.log || { cat $build.log; exit 1; }
	cmake --build --preset coverage >$build.log || { cat $build.log; exit 1; }
	rm -rf $counts
	mkdir -p $counts
	# Compiled programs, other machines and proofs run none of the counted code.
	LLVM_PROFILE_FILE="$PWD/$counts/%8m%c.profraw" ctest --preset coverage -j"$(nproc)" \
		-E '^(aot|proof|bench|install|attack.hardening|differential.aot|llvm.soak|llvm.cache_programs)' >$build.log || tail -n 20 $build.log
fi

find $counts -name '*.profraw' >$counts/list
"$profdata" merge -sparse -f $counts/list -o $counts/all.profdata
# Every program of the build tree that was counted; a function is counted where it is linked.
objects=$(find $build/test $build/tools $build/lib $build/bench -type f -perm -u+x ! -name '*.sh' ! -path '*/CMakeFiles/*' | while read -r file; do
	readelf -S "$file" 2>/dev/null | grep -q __llvm_covmap && echo "-object $file"; done)
# shellcheck disable=SC2086
"$cov" export -summary-only -instr-profile $counts/all.profdata $objects >$counts/summary.json 2>$counts/warnings
python3 - "$PWD" $counts/summary.json <<'END'
import json, os, sys

root, path = sys.argv[1] + "/", sys.argv[2]
PARTS = [("ir/lower", lambda f: f.startswith("ir/lower/")),
         ("tiers/llvm", lambda f: f.startswith("tiers/llvm/")),
         ("aot", lambda f: f.startswith("aot/")),
         ("runtime", lambda f: f.startswith("runtime/")),
         ("ir", lambda f: f.startswith("ir/")),
         ("frontend", lambda f: f.startswith("frontend/")),
         ("tiers", lambda f: f.startswith("tiers/")),
         ("tools", lambda f: f.startswith("tools/vspc"))]
CORE = ("runtime", "ir", "frontend", "tiers")
sums, rows = {}, []


def add(name, summary):
    total = sums.setdefault(name, {})
    for kind in ("lines", "branches"):
        have = total.setdefault(kind, [0, 0])
        have[0] += summary[kind]["covered"]
        have[1] += summary[kind]["count"]


def cells(total):
    parts = []
    for kind in ("lines", "branches"):
        covered, count = total[kind]
        parts.append("%6d %6.1f%%" % (count, 100 * covered / count if count else 100))
    return "   ".join(parts)


for entry in json.load(open(path))["data"][0]["files"]:
    name = entry["filename"].replace(root, "")
    part = next((p for p, holds in PARTS if not name.startswith("/") and holds(name)), None)
    if not part or name.startswith("build/"):
        continue
    add(part, entry["summary"])
    if part in CORE:
        add("core", entry["summary"])
    add(name, entry["summary"])
    rows.append((PARTS.index(next(p for p in PARTS if p[0] == part)), name))

print("%-40s %6s %7s   %6s %7s" % ("", "lines", "run", "branches", "taken"))
for name in ["core"] + [p[0] for p in PARTS]:
    if name in sums:
        print("%-40s %s" % (name, cells(sums[name])))
print("\ncore: runtime, ir, frontend and tiers without their folders for LLVM\n")
for _, name in sorted(rows):
    print("%-40s %s" % (name, cells(sums[name])))
END
