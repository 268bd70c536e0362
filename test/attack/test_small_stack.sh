#!/bin/sh
# test_small_stack.sh VSPC: under every limit of the stack vspc runs a program or says that the
# stack is too small.
vspc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99
cat >calls.sil <<'END'
.func main
	MOVI R0, 20
	INVOKE fib
	SYSCALL 2
	HLT
.end
.func fib(1) -> 1
	MOVI R1, 2
	BLT  R0, R1, done
	MOV  R2, R0
	ADDI R0, R2, -1
	INVOKE fib
	MOV  R3, R0
	ADDI R0, R2, -2
	INVOKE fib
	ADD  R0, R3
done:	RET
.end
END
# Ahead of time: a program whose end is a message, which takes more of the stack than the calls.
cat >trap.sil <<'END'
.data
block:	.word 0
.code
.func main
	MOVI R0, 20
	MOVI R1, 0
	DIV  R0, R1
	HLT
.end
END
failures=0
refused=0
for size in 40 48 56 64 72 80 88 96 104 112 120 128 144 160 192 256 512 1024; do
	for tier in interp baseline auto 1 2; do
		out=$(ulimit -s $size && "$vspc" --run calls.sil --tier=$tier 2>err.txt)
		status=$?
		if [ $status = 2 ] && grep -q "stack may have $size KiB" err.txt; then
			refused=$((refused + 1))
			[ $size -le 144 ] && continue
		fi
		grep -q 'needs the compiler library' err.txt && continue
		if [ $status != 0 ] || [ "$out" != 6765 ]; then
			echo "FAILED: ulimit -s $size, --tier=$tier: status $status, '$out', $(cat err.txt)"
			failures=$((failures + 1))
		fi
	done
done
if "$vspc" --aot calls.sil -o calls 2>err.txt && "$vspc" --aot trap.sil -o trap; then
	for size in 16 24 32 48 64 72 80 96 128 256; do
		for program in calls trap; do
			out=$(ulimit -s $size && ./$program 2>err.txt)
			status=$?
			[ $status = 2 ] && [ $size -le 80 ] && grep -q 'the stack is too small' err.txt && continue
			[ $program = trap ] && [ $status = 1 ] && grep -q 'trap: DIV_BY_ZERO' err.txt && continue
			[ $program = calls ] && [ $status = 0 ] && [ "$out" = 6765 ] && continue
			echo "FAILED: ulimit -s $size, $program ahead of time: status $status, '$out', $(cat err.txt)"
			failures=$((failures + 1))
		done
	done
fi
[ $refused -gt 0 ] || { echo "FAILED: no stack was too small"; failures=$((failures + 1)); }
exit $failures
