#!/bin/sh
# Every check of the project: style, all configurations built without warnings and tested, and a
# minute of fuzzing. Stops at the first failure; the last line counts tests that passed and that
# were skipped.
#     test_all.sh [whole]     whole: nothing is sampled, and two more machines, another C library
#                             and macOS (docs/testing.md), which takes hours
set -e
cd "$(dirname "$0")/.."
mkdir -p build
whole=OFF
[ "$1" != whole ] || whole=ON
passed=0
skipped=0

# Presets compile some files alike (stencils, the runtime of compiled programs): once is enough.
# What files depend on comes from their compilation, so that none is preprocessed a second time.
if command -v ccache >/dev/null; then
	export CMAKE_C_COMPILER_LAUNCHER=ccache CCACHE_DIR="$PWD/build/ccache" CCACHE_BASEDIR="$PWD" CCACHE_DEPEND=1 CCACHE_NOHASHDIR=1
fi
# Baseline code's stencils are the same in all builds by clang for one machine.
stencils=

say() { printf '\n== %s\n' "$*"; }

# lap WHAT: says how long it has taken since the last lap.
start=$(date +%s)
last=$start
lap() {
	now=$(date +%s)
	echo "$1: $((now - last)) s"
	last=$now
}

# check PRESET: builds and tests one configuration.
check() {
	say "$1"
	table=$stencils
	[ "$1" != aarch64 ] || table=
	cmake --preset "$1" -DVSP_TEST_WHOLE=$whole $table >"build/$1.log" || { cat "build/$1.log"; exit 1; }
	cmake --build --preset "$1" >"build/$1.log" || { cat "build/$1.log"; exit 1; }
	# Later builds in the folder are of other sources.
	[ -z "$table" ] || cmake -UVSP_STENCIL_TABLE "build/$1" >/dev/null
	lap "built"
	# One more than there are processors: some tests wait most of the time.
	if ! ctest --preset "$1" -j$(($(nproc) + 1)) >"build/$1.log"; then
		cat "build/$1.log"
		exit 1
	fi
	tail -n 4 "build/$1.log"
	lap "tested"
	tests=$(sed -n 's/^100% tests passed, 0 tests failed out of //p' "build/$1.log")
	left=$(grep -c '^ *[0-9]*/[0-9]* Test.*\*\*\*\(Skipped\|Not Run\)' "build/$1.log" || true)
	passed=$((passed + tests - left))
	skipped=$((skipped + left))
}

say "style"
tools/check/includes.sh
tools/check/format.sh
# fuzz and fuzz-lower fuzz for a minute.
presets="release gcc asan tsan hostile portable wasi mingw s390x armhf fuzz fuzz-lower"
[ "$whole" = OFF ] || presets="$presets aarch64 riscv64 musl macos-arm64 macos-x86_64"
for preset in $presets; do
	check "$preset"
	if [ "$preset" = release ]; then
		say "clang-tidy"
		tools/check/tidy.sh build/release
		lap "checked"
		made=$PWD/build/release/tiers/stencil_table.c
		[ ! -e "$made" ] || stencils=-DVSP_STENCIL_TABLE=$made
	fi
done
say "$(echo $presets | wc -w) configurations"
last=$start
lap "all"
echo "$passed passed, 0 failed, $skipped skipped"
