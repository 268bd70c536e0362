#!/bin/sh
# Every check of the project: style, all configurations built without warnings and tested, and a minute of fuzzing. Stops at the first
# failure; the last line counts the tests that passed.
set -e
cd "$(dirname "$0")/.."
mkdir -p build
total=0

say() { printf '\n== %s\n' "$*"; }

# check PRESET: builds and tests one configuration.
check() {
	say "$1"
	cmake --preset "$1" >"build/$1.log" || { cat "build/$1.log"; exit 1; }
	cmake --build --preset "$1" >"build/$1.log" || { cat "build/$1.log"; exit 1; }
	if ! ctest --preset "$1" -j"$(nproc)" >"build/$1.log"; then
		cat "build/$1.log"
		exit 1
	fi
	tail -n 4 "build/$1.log"
	total=$((total + $(sed -n 's/^100% tests passed, 0 tests failed out of //p' "build/$1.log")))
}

# fuzz SECONDS: shares them between the fuzz targets; what they find is an error.
fuzz() {
	say "fuzzing for $1 seconds"
	cmake --preset fuzz >build/fuzz.log && cmake --build --preset fuzz >>build/fuzz.log || { cat build/fuzz.log; exit 1; }
	targets=$(find build/fuzz -type f -name 'fuzz_*' -perm -u+x)
	count=$(echo "$targets" | wc -w)
	[ "$count" -gt 0 ] || { echo "no fuzz targets were built" >&2; exit 1; }
	for target in $targets; do
		name=$(basename "$target")
		found="build/fuzz/found_$name"
		mkdir -p "$found"
		seeds="test/fuzz/corpus/${name#fuzz_}"
		[ -d "$seeds" ] || seeds=
		"$target" -max_total_time=$(($1 / count)) -artifact_prefix="$found/" -print_final_stats=1 "$found" $seeds \
			>"build/$name.log" 2>&1 || { tail -n 60 "build/$name.log"; exit 1; }
		echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/$name.log") inputs"
	done
}

say "style"
tools/check_includes.sh
tools/check_format.sh
for preset in release gcc asan tsan hostile portable; do
	check "$preset"
done
fuzz "${VSP_FUZZ_SECONDS:-60}"
say "100% tests passed, $total tests in 6 configurations"
