#!/bin/sh
# Checks of kernels on devices, and tables of measured figures: test_gpu.sh [--quick] [BUILD]. It
# builds nothing: BUILD (default: build/release) has the programs and libraries, which may have been
# brought from another machine. It ends within five minutes, with --quick (few programs, no large
# ones; status 77 without a device) within one, whatever devices there are, and with 0 when nothing
# failed.
set -u
cd "$(dirname "$0")/.." || exit 2
quick=no seconds=270
if [ "${1:-}" = --quick ]; then
	quick=yes seconds=50
	shift
fi
build=${1:-build/release}
vspc=$build/bin/vspc
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export POCL_CACHE_DIR="$work/pocl"
passed=0 failed=0 skipped=0 on_cpu=0
start=$(date +%s)

if ! [ -x "$vspc" ]; then
	echo "test_gpu: $vspc is missing; build it, or name the build folder" >&2
	exit 2
fi

say() { # RESULT NAME DETAIL
	printf '%-6s %-44s %s\n' "$1" "$2" "$3"
	case $1 in
	ok) passed=$((passed + 1)) ;;
	FAILED) failed=$((failed + 1)) ;;
	skip) skipped=$((skipped + 1)) ;;
	esac
}

left() { echo $((seconds - $(date +%s) + start)); } # seconds

# ---- what there is ----

"$vspc" --list-backends
gpus=$("$vspc" --list-backends=json | grep '"kind":"gpu"')
usable=$(echo "$gpus" | grep '"usable":true' | sed 's/.*"name":"\([a-z]*\)".*/\1/')
peak=$(python3 test/gpu/bandwidth.py 2>/dev/null)

# What no result below says anything about.
missing() {
	echo "$gpus" | sed -n 's/.*"name":"\([a-z]*\)".*"usable":false.*"missing":"\(.*\)"}.*/missing: no device by \1: \2/p'
	echo "$gpus" | grep '"usable":true' | grep '"memory":0,' | sed 's/.*"name":"\([a-z]*\)".*"device":"\([^"]*\)".*/missing: a device with memory of its own by \1: \2 uses the memory of this machine/'
}
echo
missing
echo
if [ $quick = yes ] && [ -z "$usable" ]; then
	echo "no device can be used"
	exit 77
fi

# ---- the driver's calls, on a driver of the tests' own ----

driver_calls() { # NAME TEST FOLDER
	if ! [ -x "$build/test/$2" ]; then
		say skip "$1" "$build/test/$2 is missing"
	elif LD_LIBRARY_PATH="$build/test/$3" timeout 60 "$build/test/$2" >"$work/log" 2>&1; then
		say ok "$1" "$(grep -c '  OK ' "$work/log") cases"
	else
		say FAILED "$1" "$(grep -m1 ERROR "$work/log")"
	fi
}
driver_calls "CUDA driver's calls and their failures" test_cuda fake
driver_calls "OpenCL's calls and their failures" test_opencl_failures fake_opencl

# ---- results, bit for bit ----

run() { # BACKEND FILE
	timeout 60 "$vspc" --run "$2" --backend="$1" --allow=gpu --dump=json --stats=json --deterministic --tier=interp \
		>"$work/$1.out" 2>"$work/$1.err" </dev/null
	echo "status $?" >>"$work/$1.out"
	# How much other iterations wrote before a trap is not the same.
	sed -i '/"status":"trapped"/s/"memory_fnv1a":"[^"]*"//' "$work/$1.out"
}

compare() { # NAME FILE
	if [ "$(left)" -lt 20 ]; then
		say skip "$1" "no time left"
		return
	fi
	run cpu "$2"
	run gpu "$2"
	where=$(grep -oE '"name":"(opencl|cuda)"[^}]*' "$work/gpu.err" | grep -E '"(LAUNCH|GRADB|DESCB|VMAP|VRED)":[1-9]' |
		sed 's/.*"name":"\([a-z]*\)".*/\1/')
	if ! cmp -s "$work/cpu.out" "$work/gpu.out"; then
		say FAILED "$1" "differs from the CPU"
	else
		say ok "$1" "${where:-on the CPU alone}"
		[ -n "$where" ] || on_cpu=$((on_cpu + 1))
	fi
}

forms() { # PART PARTS
	python3 test/gpu/all_forms.py ir/opcodes.def "$1" "$2" >"$work/forms.sil"
	compare "every form of a kernel, part $(($1 + 1)) of $2" "$work/forms.sil"
}

all_programs() {
	if ! command -v python3 >/dev/null 2>&1; then
		say skip "every form of a kernel" "python3 is missing"
	elif [ $quick = yes ]; then
		forms 0 16
	else
		for part in 0 1 2 3; do
			forms $part 4
		done
	fi
	if [ $quick = yes ]; then
		set -- test/programs/kernel_square.sil test/programs/batch_gradients.sil test/programs/batch_vmap.sil
	else
		set -- test/programs/kernel_*.sil test/programs/batch_*.sil
	fi
	for program; do
		compare "$(basename "$program")" "$program"
	done
	random_programs
}

random_programs() {
	if ! [ -x "$build/test/differential" ]; then
		say skip "random programs" "$build/test/differential is missing"
		return
	fi
	seed=1 most=30
	[ $quick = yes ] && most=3
	while [ $seed -le $most ]; do
		"$build/test/differential" --print $seed --size 120 --wild 200 --kernels 1 >"$work/random.sil"
		compare "random program $seed" "$work/random.sil"
		seed=$((seed + 1))
	done
}

if [ -n "$usable" ]; then
	all_programs
else
	say skip "results, bit for bit" "no device can be used"
fi

# ---- figures: programs that take their own time ----

figures() { # NAME FILE: milliseconds of the second of two runs; of the device, means of both
	for backend in cpu gpu; do
		timeout 60 "$vspc" --run "$2" --backend=$backend --allow=gpu,clock --trace="$work/$backend.json" \
			>"$work/$backend.ms" 2>"$work/err" || say FAILED "$1 on $backend" "$(head -1 "$work/err")"
	done
	steps=$([ -s "$work/gpu.ms" ] && python3 test/gpu/device_times.py "$work/gpu.json" 2 "$peak" 2>/dev/null)
	printf '%-44s %9s %9s %s\n' "$1" "$(tail -1 "$work/cpu.ms")" "$(tail -1 "$work/gpu.ms")" "$steps"
}

if [ -n "$usable" ]; then
	device=$(echo "$usable" | tail -1)
	printf '\n%-44s %9s %9s %9s %9s %9s %9s %9s\n' "milliseconds of the second of two runs; GB/s" cpu "$device" kernels to from "GB/s" "of peak"
	echo "of peak: how fast kernels go through their ranges, to ${peak:-an unknown number of} GB/s of the device's memory"
	for program in test/gpu/figures/*.sil; do
		[ $quick = yes ] && grep -q '^; large' "$program" && continue
		[ "$(left)" -gt 10 ] && figures "$(sed -n '1s/^; *//p' "$program")" "$program"
	done
fi

# ---- figures: the kernels of bench/run ----

steady() { # KERNEL ARGUMENT RESULT BACKEND: milliseconds of the fastest of three calls
	timeout 60 "$build/bin/bench_vsp" "bench/batch/$1.sil" "$2" 3 2 - $4 >"$work/bench" 2>"$work/bench.err"
	if [ "$(head -1 "$work/bench")" != "$3" ]; then
		echo wrong
	else
		tail -n +3 "$work/bench" | sort -n | awk 'NR == 1 { printf "%.1f", $1 / 1e6 }'
	fi
}

kernels() {
	printf '\n%-44s %9s %9s\n' "kernels of bench/batch, milliseconds" cpu "$device"
	grep -v '^#' bench/batch/expected.txt | while read -r name argument result small small_result _; do
		[ $quick = yes ] && argument=$small result=$small_result
		[ $quick = yes ] && [ "$name" = saxpy ] && continue
		[ "$(left)" -gt 10 ] && printf '%-44s %9s %9s\n' "$name $argument" "$(steady "$name" "$argument" "$result" "")" \
			"$(steady "$name" "$argument" "$result" gpu)"
	done >"$work/kernels"
	cat "$work/kernels"
	if grep -q wrong "$work/kernels"; then
		say FAILED "results of the kernels" "$(head -1 "$work/bench.err")"
	else
		say ok "results of the kernels" ""
	fi
}

if [ -n "$usable" ] && [ -x "$build/bin/bench_vsp" ]; then
	kernels
elif [ -n "$usable" ]; then
	say skip "kernels of bench/batch" "$build/bin/bench_vsp is missing"
fi

echo
missing
printf '%d passed, %d of them on the CPU alone, %d failed, %d skipped, %d seconds\n' $passed $on_cpu $failed $skipped \
	$(($(date +%s) - start))
[ $failed -eq 0 ]
