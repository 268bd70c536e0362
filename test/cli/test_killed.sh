# Whenever vspc is killed (SIGKILL, before each of the system calls by which it writes), its output
# is there whole or not at all, an older file is kept until the new one takes its place, and a code
# cache that was being filled goes on working.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || { echo "skipped: strace is missing" && exit 77; }
strace -qq -o strace.log true 2>/dev/null || { echo "skipped: processes cannot be traced here" && exit 77; }
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" # which traces the process as well

# kill_everywhere CHECK COMMAND...: kills COMMAND before the first write, the second and so on until
# it runs to its end; and so for each of the calls, which strace counts by themselves and by
# threads. Calls CHECK each time.
kill_everywhere() {
	check=$1 kills=0
	shift
	for call in write pwrite64 writev rename renameat renameat2 ftruncate linkat unlink mkdir fchmod; do
		for n in $(seq 1 50); do
			strace -f -qq -o strace.log -e trace="?$call" -e inject="?$call:signal=SIGKILL:when=$n" "$@" >out.txt 2>said.txt
			ended=$?
			$check "$call $n"
			# 2: it was the process that writes a confined run's outputs, or that
			# compiles.
			[ "$ended" = 137 ] || { [ "$ended" = 2 ] && grep -q "cannot write\|compiler has died" said.txt; } || break
			kills=$((kills + 1))
		done
		that "$* runs to its end when it is not killed" test "$ended" = 0
	done
	that "$* was killed at least twice" test "$kills" -ge 2
}

# Either the old contents or all of the new.
old_or_new() {
	that "killed at call $1: $output is old or new" sh -c "cmp -s $output old || cmp -s $output new || { [ ! -s old ] && [ ! -e $output ]; }"
}

"$vspc" --asm sum.sil -o whole.silc
cp whole.silc new
: >old
output=fresh.silc
kill_everywhere old_or_new "$vspc" --asm sum.sil -o fresh.silc
echo "an older file" >old
cp old replaced.silc
output=replaced.silc
kill_everywhere old_or_new "$vspc" --asm sum.sil -o replaced.silc

"$vspc" --dis whole.silc -o new
output=text
cp old text
kill_everywhere old_or_new "$vspc" --dis whole.silc -o text
if "$vspc" --aot -O0 sum.sil -o program.o >out.txt 2>&1; then
	mv program.o new
	output=program.o
	cp old program.o
	kill_everywhere old_or_new "$vspc" --aot -O0 sum.sil -o program.o
fi

cat >count.sil <<'END'
.func main
	MOVI R0, 2000
next:
	INVOKE half
	ADD R2, R1
	ADDI R0, R0, -1
	BNZ R0, next
	HLT
.end
.func half(1) -> 2
	SHRI R1, R0, 1
	RET
.end
END
if "$vspc" count.sil --profile-out=counts --sync-compile >out.txt 2>&1; then
	mv counts new
	: >old
	output=counts
	kill_everywhere old_or_new "$vspc" count.sil --profile-out=counts --sync-compile
fi

# The sum of n/2 for n from 1 to 2000 is 1000 * 1000: those of n and n-1 together make n-1 for each
# even n.
works_with_cache() {
	expect 0 '*' '' "$vspc" count.sil --tier=2 --sync-compile --cache=cache --dump=json
	that "killed at call $1: a run with that cache gives the sum" sh -c "printf '%s' '$out' | grep -q '0x00000000000f4240'"
	rm -rf cache
}
if "$vspc" count.sil --tier=2 --sync-compile --cache=first >out.txt 2>&1; then
	kill_everywhere works_with_cache "$vspc" count.sil --tier=2 --sync-compile --cache=cache
fi
finish
