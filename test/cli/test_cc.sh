# vspc --cc compiles C and C++ and runs or keeps the program, says what is missing, and leaves no
# files behind.
. "$(dirname "$0")/lib.sh"
TMPDIR=$folder/temporary
export TMPDIR
mkdir "$TMPDIR" fake
cat >answer.c <<'C'
#include <stdio.h>
#ifndef ANSWER
#define ANSWER 42
#endif
int twice(int n);
int main(int argc, char **argv) { printf("%d %s\n", twice(ANSWER), argc > 1 ? argv[1] : "alone"); return 3; }
C
echo 'int twice(int n) { return 2 * n; }' >twice.c
echo 'int main(void) { return missing; }' >wrong.c

# What is missing is named. The fake compilers answer as clang does when it finds nothing.
cat >fake/clang-22 <<'S'
#!/bin/sh
for word; do
	case $word in -print-file-name=*) echo "${word#-print-file-name=}"; exit ;; esac
done
echo 'wrong.c:1: no such header'
exit 1
S
chmod +x fake/clang-22
expect 2 '' "~wasi-libc" env PATH="$folder/fake:/bin:/usr/bin" "$vspc" --cc wrong.c
expect 2 '' "~neither 'clang-22' nor 'clang' is there; on Debian the packages clang-22" env PATH=/nowhere "$vspc" --cc wrong.c

# Command lines that cannot be meant.
expect 2 '' "~'-D' is for '--cc'" "$vspc" -DX=1 sum.sil
expect 2 '' "~'-O' is for '--aot' and '--cc'" "$vspc" -O2 sum.sil
expect 2 '' "~more than one input file" "$vspc" sum.sil sum.sil
expect 2 '' "~'--cc' and '--asm' cannot be used together" "$vspc" --cc --asm answer.c -o x.silc
expect 2 '' "~not standard input" "$vspc" --cc -
expect 2 '' '~vspc: error: cannot read '\''.'\'': ' "$vspc" --cc .
expect 2 '' "~'answer.c' is C source: '--cc' compiles it" "$vspc" answer.c
expect 2 '' "~'name.cc' is C++ source: '--cc' compiles it" "$vspc" --asm name.cc -o x.silc
expect 2 '' "~cannot read 'missing.c': No such file" "$vspc" --cc missing.c
expect 2 '' "~compiles C and C++ (.c, .cc, .cpp, .cxx), and 'twice.sil' is a program" "$vspc" --cc answer.c twice.sil
expect 2 '' "~'7' is no value for '-O'" "$vspc" --cc -O7 answer.c
expect 2 '' "~would write over 'twice.c', which is compiled" "$vspc" --cc answer.c twice.c -o twice.c
expect 2 '' "~would write over 'answer.c'" "$vspc" --cc answer.c twice.c -o answer.c

clang=$(command -v clang-22 || command -v clang)
[ -n "$clang" ] && "$clang" --target=wasm32-wasi twice.c answer.c -o /dev/null 2>clang.txt || {
	[ "$failures" = 0 ] || finish
	echo "skipped: no clang that compiles for WASI: $(head -1 clang.txt 2>/dev/null)"
	exit 77
}
# What the sources include is not overwritten, by no kind of output.
mkdir headers
echo '#include "inner.h"' >headers/outer.h
echo '#define SEVEN 7' >'headers/inner.h'
printf '#include "outer.h"\nint main(void) { return SEVEN; }\n' >includes.c
for output in -o --output --trace --profile-out; do
	case $output in -o) run=--aot ;; *) run=--run ;; esac
	expect 2 '' "~headers/inner.h' of '$output' would write over 'headers/inner.h', which the source includes" \
		"$vspc" $run --cc includes.c -I headers $output "$folder/headers/inner.h"
	that "$output leaves an included file as it was" [ "$(cat headers/inner.h)" = '#define SEVEN 7' ]
done
expect 7 '' '' "$vspc" --cc includes.c -I headers --output headers/other.h
printf '#include "odd.inc"\nint main(void) { return SEVEN; }\n' >odd.c
for odd in 'we"ird' 'back\slash' "two
lines"; do
	mkdir -p "$odd"
	cp headers/inner.h "$odd/odd.inc"
	expect 2 '' "~which the source includes" "$vspc" --cc odd.c -I "$odd" -o "$odd/odd.inc"
	that "$odd/odd.inc is as it was" [ "$(cat "$odd/odd.inc")" = '#define SEVEN 7' ]
done

expect 3 '84 alone' '' "$vspc" --cc answer.c twice.c
expect 3 '84 word' '' "$vspc" --cc answer.c twice.c -- word
expect 3 '14 alone' '' "$vspc" -D ANSWER=7 -O0 answer.c --cc twice.c
expect 0 '' '' "$vspc" --cc answer.c twice.c -o answer.silc -- -DANSWER=5
expect 3 '10 alone' '' "$vspc" answer.silc
expect 0 '' '' "$vspc" --verify --cc answer.c twice.c
for other in -E -S; do
	expect 2 '' "~clang has made no WebAssembly module of 'answer.c': an option behind '--' asks it for something else" \
		"$vspc" --cc answer.c -o other.silc -- $other
done
expect 0 '~.func _start' '' "$vspc" --dis --cc answer.c twice.c
expect 2 '' "~use of undeclared identifier 'missing'" "$vspc" --cc wrong.c
expect 2 '' "~'wrong.c'; its messages say why" "$vspc" --cc wrong.c -o wrong.silc
that 'no output after an error' test ! -e wrong.silc
cat >line.c <<'C'
volatile int zero;
int main(int argc, char **argv)
{
	return argc + 6 /
	       zero;
}
C
expect 1 '' '~at line.c:4' "$vspc" --cc line.c
expect 1 '' '~at line.c:4' "$vspc" --cc --tier=2 line.c
echo 'int main(void) { __builtin_trap(); }' >trap.c
for tier in interp baseline 2; do
	expect 1 '' '~EXPLICIT(0xE0): unreachable: the program called abort()' "$vspc" --cc --tier=$tier trap.c
done
echo 'int f(int n) { char a[4096]; a[0] = (char)n; return n ? f(n + 1) + *(volatile char *)a : 0; } int main(void) { return f(1); }' >deep.c
expect 1 '' '~trap' "$vspc" --cc -O0 deep.c
cat >name.cc <<'C'
#include <string>
#include <cstdio>
int main() { std::string s("C"); s += "++"; std::puts(s.c_str()); }
C
if "$clang" --target=wasm32-wasi -fno-exceptions name.cc -lc++ -lc++abi -o /dev/null 2>/dev/null; then
	expect 0 'C++' '' "$vspc" --cc name.cc
	yes 'word of' | head -12 >words.txt
	"$vspc" --cc "$source_dir/examples/c/names.cc" -o names.silc
	expect 0 '12 of
12 word' '' "$vspc" --input=words.txt names.silc
fi
if rustc --target=wasm32-wasip1 -O "$source_dir/examples/c/words.rs" -o words.wasm 2>/dev/null; then
	expect 0 '2 4 14' '' sh -c 'printf "one two\nsix 10\n" | "$0" words.wasm' "$vspc"
fi
for signal in INT TERM; do
	timeout -s $signal 0.1 "$vspc" --cc -O3 answer.c twice.c name.cc 2>/dev/null
done
that 'no temporary files are left' test -z "$(ls -A "$TMPDIR")"
finish
