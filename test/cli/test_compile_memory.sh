#!/bin/sh
# The memory that compiling ahead of time may take: a program that would take more is an error with
# advice, and leaves no file. Functions that are too large to be optimised are reported.
. "$(dirname "$0")/lib.sh"
"$vspc" --aot sum.sil -o sum.o 2>/dev/null || finish # without the compiler

awk 'BEGIN { print ".func large() -> 0"; for (i = 0; i < 9000; i++) print "l" i ": ADDI R" 1 + i % 8 ", R" 1 + i % 7 ", 3\nBLT R" 1 + i % 6 ", R" 1 + i % 5 ", l" i + 1; print "l9000: RET\n.end\n.func main\nHLT\n.end" }' >large.sil

expect 2 '' "vspc: error: compiling takes more than 16 MiB; '--compile-memory=N' allows more, and a lower -O or smaller functions take less" \
	"$vspc" --aot --compile-memory=16M large.sil -o large.so
that 'no file is left' [ "$(ls | grep large)" = large.sil ]
expect 0 '' '' "$vspc" --aot --compile-memory=4G sum.sil -o sum.o
expect 2 '' "~'no' is no value for '--compile-memory'" "$vspc" --aot --compile-memory=no sum.sil -o sum.o

expect 0 '' "~vspc: note: not optimised, as it is too large, with its registers in memory: 'large'" "$vspc" --aot -v large.sil -o large.o
finish
