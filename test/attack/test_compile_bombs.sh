#!/bin/sh
# Programs whose code is chosen so that compiling it takes long: small ones that once took a minute
# and gigabytes. They run, time-outs are kept while the program waits for the compiler, and ahead of
# time there is a result.
. "$(dirname "$0")/../cli/lib.sh"

# program NAME BODY: f's body is jumped over, and f is called often enough for tier 2.
program() {
	{
		printf '.func f(1) -> 0\nBZ R0, end\n'
		awk "$2"
		printf 'end: RET\n.end\n.func main() -> 0\nMOVI R9, 0\nMOVI R8, 1500\nlp: MOVI R0, 0\nINVOKE f\nADDI R9, R9, 1\nBLT R9, R8, lp\nRET\n.end\n.entry main\n'
	} </dev/null >"$1.sil"
}

program helpers 'BEGIN { for (i = 0; i < 600; i++) print "EMERGE\nSETMODE 128" }'
program nest 'BEGIN { for (i = 0; i < 2500; i++) print "h" i ": ADDI R1, R1, 1"; while (i--) print "BLT R2, R3, h" i }'
program chain 'BEGIN { for (i = 0; i < 6000; i++) print "ZEXT8 R1, R1\nSEXT16 R1, R1" }'
program jumps 'BEGIN { for (i = 0; i < 1000; i++) print "l" i ": ADDI R" 1 + i % 8 ", R" 1 + i % 7 ", 3\nBLT R" 1 + i % 6 ", R" 1 + i % 5 ", l" (i * 7919) % 1000 }'

for name in helpers nest chain jumps; do
	for tier in auto 2; do
		expect 0 '' '' timeout 100 "$vspc" --cache=off --tier=$tier "$name.sil"
	done
	expect 0 '' '' timeout 100 "$vspc" --cache=off --sync-compile --timeout=60s "$name.sil"
done
expect 0 '' '~f: the function is too large' "$vspc" --cache=off --tier=2 --sync-compile --stats jumps.sil
expect 0 '' "~f: the function's loops are nested too deeply" "$vspc" --cache=off --tier=1 --sync-compile --stats nest.sil

# An endless program that waits for the compiler again and again hears the time-out.
sed 's/BLT R9, R8, lp/JMP lp/' helpers.sil >endless.sil
expect 1 '' '~INTERRUPTED' timeout 100 "$vspc" --cache=off --sync-compile --timeout=1s endless.sil

# Memory runs out inside LLVM, earlier or later: the program goes on without the code. Sanitizers
# need more addresses than this leaves.
program many 'BEGIN { for (i = 0; i < 6000; i++) print "l" i ": ADDI R" 1 + i % 8 ", R" 1 + i % 7 ", 3\nBLT R" 1 + i % 6 ", R" 1 + i % 5 ", l" (i * 7919) % 6000 }'
for limit in 170000 200000 230000 260000; do
	if (ulimit -v $limit && "$vspc" --no-sandbox --tier=interp many.sil) 2>err.txt; then
		expect 0 '' '' sh -c "ulimit -v $limit; exec timeout 100 '$vspc' --no-sandbox --cache=off --sync-compile many.sil"
	fi
done
finish
