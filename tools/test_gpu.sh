#!/bin/sh
# Checks of kernels on devices, and a table of measured figures: test_gpu.sh [BUILD]. It builds nothing: BUILD (default:
# build/release) has the programs and libraries, which may have been brought from another machine. It ends within five
# minutes, whatever devices there are, and with 0 when nothing failed.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build/release}
vspc=$build/bin/vspc
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export POCL_CACHE_DIR="$work/pocl"
passed=0 failed=0 skipped=0
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

left() { echo $((270 - $(date +%s) + start)); } # seconds

# ---- what there is ----

"$vspc" --list-backends
usable=$("$vspc" --list-backends=json | grep '"kind":"gpu"' | grep '"usable":true' | sed 's/.*"name":"\([a-z]*\)".*/\1/')
echo

# ---- the driver's calls, on a driver of the tests' own ----

if [ -x "$build/test/test_cuda" ]; then
	if LD_LIBRARY_PATH="$build/test/fake" timeout 60 "$build/test/test_cuda" >"$work/log" 2>&1; then
		say ok "CUDA driver's calls and their failures" "$(grep -c '  OK ' "$work/log") cases"
	else
		say FAILED "CUDA driver's calls and their failures" "$(grep -m1 ERROR "$work/log")"
	fi
else
	say skip "CUDA driver's calls and their failures" "$build/test/test_cuda is missing"
fi

# ---- results, bit for bit ----

run() { # BACKEND FILE
	timeout 60 "$vspc" --run "$2" --backend="$1" --allow=gpu --dump=json --stats=json --deterministic --tier=interp \
		>"$work/$1.out" 2>"$work/$1.err" </dev/null
	echo "status $?" >>"$work/$1.out"
}

compare() { # NAME FILE
	if [ "$(left)" -lt 60 ]; then
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
		say ok "$1" "${where:-on the CPU}"
	fi
}

if [ -n "$usable" ]; then
	if command -v python3 >/dev/null 2>&1; then
		for part in 0 1 2 3; do
			python3 test/gpu/all_forms.py ir/opcodes.def $part 4 >"$work/forms.sil"
			compare "every form of a kernel, part $((part + 1)) of 4" "$work/forms.sil"
		done
	else
		say skip "every form of a kernel" "python3 is missing"
	fi
	for program in test/programs/kernel_*.sil test/programs/batch_*.sil; do
		compare "$(basename "$program")" "$program"
	done
else
	say skip "results, bit for bit" "no device can be used"
fi

# ---- figures ----

figures() { # NAME FILE: milliseconds of the run in the program's own clock
	for backend in cpu gpu; do
		timeout 60 "$vspc" --run "$2" --backend=$backend --allow=gpu,clock >"$work/$backend.ms" 2>/dev/null || echo - >"$work/$backend.ms"
	done
	printf '%-44s %12s %12s\n' "$1" "$(tail -1 "$work/cpu.ms")" "$(tail -1 "$work/gpu.ms")"
}

if [ -n "$usable" ]; then
	printf '\n%-44s %12s %12s\n' "milliseconds, the second of two runs" "cpu" "$(echo "$usable" | tail -1)"
	for program in test/gpu/figures/*.sil; do
		[ "$(left)" -gt 0 ] && figures "$(sed -n '1s/^; *//p' "$program")" "$program"
	done
fi

printf '\n%d passed, %d failed, %d skipped, %d seconds\n' $passed $failed $skipped $(($(date +%s) - start))
[ $failed -eq 0 ]
