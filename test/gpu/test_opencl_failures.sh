# The failure of calls of an OpenCL driver under whole programs: sh test_opencl_failures.sh VSPC
# PROGRAM FOLDER STEP, where the driver of tests is in FOLDER and every STEP-th call fails, once and
# from then on. The program prints what it does on the CPU, or ends with the trap BACKEND, run by
# vspc and as an executable.
set -u
vspc=$1 program=$2 folder=$3 step=$4
. "$(dirname "$0")/../aot/lib.sh"
cpu=$("$vspc" --run "$program" --backend=cpu) || fail "the program on the CPU"
right=0 trapped=0 runs=0

# run HOW N COMMAND...: sets calls, those of the driver.
run() {
	how=$1 n=$2
	shift 2
	env "FAKE_OPENCL_$how=$n" "LD_LIBRARY_PATH=$folder" timeout 60 "$@" >out 2>err
	status=$?
	runs=$((runs + 1))
	calls=$(sed -n 's/^fake OpenCL: \([0-9]*\) calls, .*/\1/p' err)
	grep -q '^fake OpenCL: .*, 0 objects$' err || fail "$how at $n: something is left: $(cat err)"
	if [ "$status" = 0 ]; then
		same "$how at $n: output" "$cpu" "$(cat out)"
		right=$((right + 1))
	else
		grep -q 'BACKEND' err || fail "$how at $n: status $status: $(cat err)"
		trapped=$((trapped + 1))
	fi
}

check() { # COMMAND...
	run FAIL 100000 "$@"
	grep -q '^fake OpenCL: .*, 0 kernels' err && fail "nothing ran on the device: $(cat err)"
	all=$calls
	[ "$all" -gt 100 ] || fail "only $all calls"
	at=1
	while [ "$at" -le "$all" ]; do
		run FAIL "$at" "$@"
		run LOST "$at" "$@"
		at=$((at + step))
	done
}

# Interpreted, since a process that ends while it compiles for the first time may crash with a
# shared LLVM (D104).
check "$vspc" --run "$program" --tier=interp --allow=gpu --cache="$work/cache"
aot --gpu=on --allow=gpu "$program" -o program
check ./program
[ "$right" -gt 20 ] && [ "$trapped" -gt 0 ] || fail "$right of $runs as on the CPU, $trapped traps"
[ "$failures" -ne 0 ] || echo "failing OpenCL: $runs runs, $right as on the CPU, $trapped with the trap BACKEND"
finish
