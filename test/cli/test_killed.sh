# Whenever vspc is killed (SIGKILL, before each of the system calls by which it writes, or a sample
# where there are many), its output is there whole or not at all, an older file is kept until the
# new one takes its place, nothing but temporary files is left beside it, and a cache that was being
# filled has no half entry and goes on working.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || { echo "skipped: strace is missing" && exit 77; }
strace -qq -o strace.log true 2>/dev/null || { echo "skipped: processes cannot be traced here" && exit 77; }
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" # which traces the process as well
export TMPDIR="$folder/tmp"
mkdir tmp out
calls="write pwrite64 writev rename renameat renameat2 ftruncate linkat unlink mkdir fchmod"
traced="?$(echo $calls | sed 's/ /,?/g')"

# most_calls CALL: how many of them one process or thread of the whole run made at most.
most_calls() {
	awk -v call="$1(" 'index($2, call) == 1 && ++n[$1] > most { most = n[$1] } END { print most + 0 }' whole.log
}

# places MOST: the numbers of the calls to kill at: the first three, then ever greater steps, and
# the last.
places() {
	awk -v most="$1" 'BEGIN { for (n = 1; n < most; n = n < 3 ? n + 1 : n * 4) print n; if (most) print most }'
}

# kill_everywhere PREPARE CHECK COMMAND...: kills COMMAND at each place, after a whole run, and
# calls PREPARE before and CHECK after it. strace counts the calls of each thread by themselves.
kill_everywhere() {
	prepare=$1 check=$2 kills=0
	shift 2
	$prepare
	strace -f --seccomp-bpf -qq -o whole.log -e trace="$traced" "$@" >out.txt 2>said.txt
	whole=$?
	$check "none" # and keeps what a whole run leaves
	for call in $calls; do
		for n in $(places "$(most_calls "$call")"); do
			$prepare
			strace -f -qq -o strace.log -e trace="?$call" -e inject="?$call:signal=SIGKILL:when=$n" "$@" >out.txt 2>said.txt
			ended=$?
			$check "$call $n"
			[ "$ended" = "$whole" ] && continue # another thread makes more calls at times
			# 2: it was a process that writes a confined run's outputs, that compiles,
			# or that links.
			that "$*, killed at call $call $n, says so: status $ended, $(cat said.txt)" test "$ended" = 137 -o \( "$ended" = 2 -a -s said.txt \)
			kills=$((kills + 1))
		done
	done
	that "$* was killed" test "$kills" -ge 1
}

# ---- outputs, in the folder out ----

# outputs OLD OUTPUT COMMAND...: OUTPUT begins with the contents OLD, or is missing if that is
# empty.
outputs() {
	old=$1 output=$2
	shift 2
	rm -rf new
	kill_everywhere older old_or_new "$@"
}

older() {
	rm -rf out/*
	[ -z "$old" ] || echo "$old" >"$output"
}

is_new() { cmp -s "$output" new; }

old_or_new() {
	[ "$1" != none ] || cp "$output" new
	[ "$1" != none ] || that "the output is new" is_new
	if [ -e "$output" ] && ! is_new; then
		that "killed at call $1: $output is old or new" test "$(cat "$output")" = "$old"
	elif [ ! -e "$output" ]; then
		that "killed at call $1: the older $output is there" test -z "$old"
	fi
	others=$(ls out | grep -v -x -e "$(basename "$output")" -e '.*[.][0-9a-f]\{8\}[.]tmp' -e '.*[.][0-9a-f]\{16\}')
	that "killed at call $1, only temporary files are left: $others" test -z "$others"
}

outputs "" out/fresh.silc "$vspc" --asm sum.sil -o out/fresh.silc
outputs "an older file" out/replaced.silc "$vspc" --asm sum.sil -o out/replaced.silc
"$vspc" --asm sum.sil -o whole.silc
outputs "an older file" out/text "$vspc" --dis whole.silc -o out/text
outputs "an older file" out/moves.silc "$vspc" --translate "$source_dir/test/wasm/moves.wasm" -o out/moves.silc

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
compiled="--tier=2 --sync-compile"
if "$vspc" count.sil $compiled >out.txt 2>&1; then
	outputs "" out/counts "$vspc" count.sil --profile-out=out/counts --sync-compile
	outputs "" out/ir.ll "$vspc" count.sil $compiled --emit-llvm=out/ir.ll
	# Times differ from run to run, so a trace is whole when its last bracket is there.
	is_new() { [ "$(tail -n 1 "$output")" = "$(tail -n 1 new)" ]; }
	outputs "" out/trace "$vspc" count.sil $compiled --trace=out/trace
	is_new() { cmp -s "$output" new; }
fi
if "$vspc" --aot -O0 sum.sil -o program.o >out.txt 2>&1; then
	outputs "an older file" out/program.o "$vspc" --aot -O0 sum.sil -o out/program.o
fi
if "$vspc" --aot -O0 sum.sil -o program.so >out.txt 2>&1; then
	outputs "" out/program.so "$vspc" --aot -O0 sum.sil -o out/program.so
	every_call=$calls calls="rename renameat" # the rest is as above
	outputs "an older file" out/program "$vspc" --aot -O0 sum.sil -o out/program
	outputs "" out/program.a "$vspc" --aot -O0 sum.sil -o out/program.a
	calls=$every_call
fi
echo 'int main(void) { return 0; }' >program.c
if "$vspc" --cc program.c -o program.silc >out.txt 2>&1; then
	outputs "" out/program.silc "$vspc" --cc program.c -o out/program.silc
fi

# ---- the output of a program, which is written in place, as it comes ----

cat >says.sil <<'END'
	MOVI R4, 200000
next:
	MOV R0, R4
	OUT R0, 0
	ADDI R4, R4, -1
	BNZ R4, next
	HLT
END
empty() { rm -f said; }
begins_as_whole() {
	[ "$1" != none ] || cp said new
	[ "$1" != none ] || that "the whole output" test "$(wc -c <said)" = 200000
	[ ! -e said ] || that "killed at call $1: a beginning of the output" sh -c 'head -c $(wc -c <said) new | cmp - said'
}
kill_everywhere empty begins_as_whole "$vspc" says.sil --output=said

# ---- caches ----

# The sum of n/2 for n from 1 to 2000 is 1000 * 1000: those of n and n-1 together make n-1 for each
# even n.
no_cache() { rm -rf cache; }
works_with_cache() {
	expect 0 '*' '' "$vspc" count.sil --tier=2 --sync-compile --cache=cache --dump=json
	that "killed at call $1: a run with that cache gives the sum" sh -c "printf '%s' '$out' | grep -q '0x00000000000f4240'"
}
if "$vspc" count.sil --tier=2 --sync-compile --cache=first >out.txt 2>&1; then
	kill_everywhere no_cache works_with_cache "$vspc" count.sil --tier=2 --sync-compile --cache=cache
fi

# The runtime for another machine, kept as bitcode: a compiler that gives an empty module for each
# of its sources makes one that is kept like any other, and fits a program in which nothing needs
# it.
export XDG_CACHE_HOME="$folder/cache"
machine=aarch64-linux-gnu
[ "$(uname -m)" = aarch64 ] && machine=x86_64-linux-gnu
cat >clang <<'END'
#!/bin/sh
for output; do :; done
exec cp "$EMPTY" "$output"
END
chmod +x clang
kept_whole() {
	for kept in cache/vsp/*; do
		case $kept in
		*.tmp | "cache/vsp/*") ;;
		*)
			[ "$1" != none ] || cp "$kept" new
			that "killed at call $1: $kept is whole" cmp "$kept" new
			;;
		esac
	done
}
if clang-22 --target=$machine -emit-llvm -x c -c /dev/null -o empty.bc 2>out.txt &&
	XDG_CACHE_HOME="$folder/first" EMPTY=empty.bc VSP_CLANG="$folder/clang" "$vspc" --aot -O0 --target=$machine sum.sil -o program.o >out.txt 2>&1; then
	calls="write rename renameat" # where vspc writes; the compilers make many others
	kill_everywhere no_cache kept_whole env EMPTY=empty.bc VSP_CLANG="$folder/clang" "$vspc" --aot -O0 --target=$machine sum.sil -o out/other.o
fi
finish
