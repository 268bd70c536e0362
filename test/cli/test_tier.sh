# --tier=1 and 2 are where a program runs, from its beginning; without the compiler that is an
# error, with what to install.
. "$(dirname "$0")/lib.sh"

# Code that is copied can be made executable in the sandbox, and needs no compiler.
"$vspc" --tier=baseline --stats sum.sil >none.txt 2>stats.txt
that "the sandbox lets baseline code be made" \
	sh -c "grep -q 'makes no baseline code' stats.txt || ! grep -q 'does not make code executable' stats.txt"
printf '.func main\nagain: ADDI R1, R1, 1\nJMP again\n.end\n' >endless.sil
printf '.func main\nMOVI R1, 1000\nMOVI R2, 0x70000000\nagain: ADDI R1, R1, -1\nBNZ R1, again\nST32 R1, [R2]\nHLT\n.end\n' >outside.sil
timeouts=
"$vspc" sum.sil --timeout=60s >said.txt 2>&1 && timeouts=yes # which need threads
for more in '' --no-sandbox --no-signals --bounds=explicit --precise-traps; do
	[ -z "$timeouts" ] || expect 1 '' '~trap: INTERRUPTED' "$vspc" --tier=baseline endless.sil --timeout=200ms $more
	expect 1 '' '~trap: FUEL' "$vspc" --tier=baseline endless.sil --fuel=100000 $more
	expect 1 '' '~trap: OUT_OF_BOUNDS' "$vspc" --tier=baseline outside.sil $more
done

# An interrupted loop is found in every tier: by its instruction where all of them have places, and
# by its function in tier 1, which knows those of accesses and calls alone (D49).
printf '.func main\nMOVI R0, 1\nINVOKE spin\nHLT\n.end\n.func spin(1) -> 0\nagain: ADD R0, 1\nXOR R2, R0, R1\nJMP again\n.end\n' >spin.sil
# interrupted OPTIONS: what the run says is in said.txt. On a busy machine the program may not come
# as far as spin at first.
interrupted() {
	for limit in 200ms 2s 20s; do
		"$vspc" spin.sil --cache=off --timeout=$limit "$@" >said.txt 2>&1
		! grep -q ' in spin' said.txt || break
	done
	that "it is interrupted with $*: $(cat said.txt)" grep -q 'trap: INTERRUPTED' said.txt
}
# stopped_in WHERE OPTIONS: the first line of the back trace has WHERE (a pattern), the second is
# the call.
stopped_in() {
	where=$1
	shift
	interrupted "$@"
	that "an interrupt is placed with $*: $(cat said.txt)" grep -Eq "$where" said.txt
	that "the call is behind it with $*: $(cat said.txt)" grep -q '    #1  0x00000003 in main at spin.sil:3' said.txt
}
in_loop='#0  0x000000(08|0b|0e) in spin at spin[.]sil:[789]$'
if [ -n "$timeouts" ]; then
	stopped_in "$in_loop" --tier=interp
	stopped_in "$in_loop" --tier=baseline
	if "$vspc" --tier=1 sum.sil 2>/dev/null; then
		stopped_in "#0  [(]unknown[)]  in spin\$|$in_loop" --tier=1
		stopped_in "#0  [(]unknown[)]  in spin\$|$in_loop" --tier=1 --precise-traps
		stopped_in "$in_loop" --tier=2
		# Without guard pages it is where compiled code was entered, here at the start of
		# the function.
		interrupted --tier=2 --bounds=explicit --no-signals
		that "it is placed where spin began: $(cat said.txt)" grep -q '    #0  0x00000008 in spin at spin.sil:7' said.txt
	fi
fi

"$vspc" --tier=1 sum.sil 2>/dev/null || { echo 'this build has no compiler'; finish; }

printf '.func main\nMOVI R1, 3\nnext: INVOKE f\nADDI R1, R1, -1\nBNZ R1, next\nHLT\n.end\n.func f\nRET\n.end\n' >short.sil
for tier in 1 2; do
	expect 0 "~\"tier\":$tier}" '' "$vspc" short.sil --tier=$tier --dump=json
	expect 0 '' "~highest tier  $tier" "$vspc" short.sil --tier=$tier --stats
	expect 0 '' '*' "$vspc" short.sil --tier=$tier --async --stats
done
expect 0 '~"tier":0}' '' "$vspc" short.sil --dump=json
expect 2 '' "vspc: error: '--async' and '--sync-compile' cannot be used together" "$vspc" short.sil --tier=2 --async --sync-compile
expect 2 '' "vspc: error: '--async' and '--tier=interp' cannot be used together: the compiler has nothing to do" \
	"$vspc" short.sil --tier=interp --async

# Listings of code wait for the compiler, but no longer than --timeout. All called functions are
# compiled, which takes far longer.
awk 'BEGIN {
	print ".func main\nMOVI R1, 20\nnext:"
	for (f = 0; f < 8; f++) print "\tINVOKE f" f
	print "\tADDI R1, R1, -1\n\tBNZ R1, next\n\tHLT\n.end"
	for (f = 0; f < 8; f++) {
		print ".func f" f "(0) -> 1\nMOVI R5, 65536"
		for (i = 0; i < 100; i++) {
			for (j = 0; j < 10; j++) print "\tMULI R2, R2, " i "\n\tXOR R3, R2, R3\n\tLD32U R4, [R5 + " i "]\n\tADD R2, R4, R3"
			print "\tBZ R2, l" f "_" i "\n\tADDI R3, R3, 1\nl" f "_" i ":"
		}
		print "\tMOV R0, R2\n\tRET\n.end"
	}
}' >slow.sil
# Hostile builds have small limits, and compile nothing as large.
if [ "$VSP_TEST_LIMITS" != small ] && "$vspc" sum.sil --timeout=10s 2>/dev/null; then
	late="~'slow.sil' has ended, but what comes after it, compiling and writing files, is not done within the time that '--timeout' gives, and not all is shown"
	# Time enough to begin, which takes a sanitizer build on a busy machine longer.
	for time in 400ms 2s 8s; do
		"$vspc" slow.sil --tier=interp --timeout=$time >/dev/null 2>&1 && break
	done
	for shown in --emit-llvm=slow.ll --time-passes '--stats --cache=slow'; do
		expect 2 '' "$late" "$vspc" slow.sil --tier=2 --async --timeout=$time $shown
	done
	that 'no file is left' test ! -e slow.ll
fi

# A program without its libraries: nothing but the program itself is copied.
mkdir -p alone/bin
cp "$vspc" alone/bin/vspc
needs='the compiler library libvsp-llvm.so cannot be opened; install it'
if env -u LD_LIBRARY_PATH alone/bin/vspc sum.sil --tier=2 2>/dev/null; then
	echo 'the system has a libvsp-llvm.so of its own'
else
	for tier in 1 2; do
		expect 2 '' "~vspc: error: '--tier=$tier': $needs" alone/bin/vspc sum.sil --tier=$tier
		expect 2 '' "~vspc: error: '--tier=$tier': $needs" alone/bin/vspc sum.sil --tier=$tier --cache=cold
	done
	# Programs that need no compiler run without one.
	expect 0 '' '' alone/bin/vspc sum.sil
	expect 0 '' '' alone/bin/vspc sum.sil --tier=interp
fi
finish
