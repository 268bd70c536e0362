# Closed standard streams: no file takes their place and receives their output.
. "$(dirname "$0")/lib.sh"

printf 'MOVI R0, 42\nSYSCALL 2\nSYSCALL 0x0B\nTRAP 5\n' >trap.sil
for closed in '2>&-' '0<&- 2>&-' '0<&- 1>&- 2>&-'; do
	expect 1 '' '' sh -c "'$vspc' trap.sil --output=out.txt $closed"
	that "only the program's output with $closed" [ "$(cat out.txt)" = 42 ]
done
printf 'IN R0, 0\nSYSCALL 2\nHLT\n' >read.sil
echo A >input.txt
expect 0 '65' '' sh -c "'$vspc' read.sil --input=input.txt <&-"
expect 0 '-1' '' sh -c "'$vspc' read.sil <&-"
# Output to a closed stream is a failed write, as before.
expect 2 '' "vspc: error: cannot write 'standard output': Bad file descriptor" sh -c "'$vspc' --dis sum.sil >&-"
expect 2 '' "~cannot write 'standard output': Bad file descriptor" sh -c "'$vspc' trap.sil >&-"
expect 0 '' '' sh -c "'$vspc' --asm sum.sil -o sum.silc <&- >&- 2>&-"
expect 0 '' '' "$vspc" --verify sum.silc
if "$vspc" --tier=1 sum.sil 2>/dev/null; then
	expect 1 '' '' sh -c "'$vspc' trap.sil --output=out.txt --trace=t.json <&- >&- 2>&-"
	that 'the trace is a trace' grep -q '^{"displayTimeUnit"' t.json
	expect 0 '' '' sh -c "'$vspc' --aot trap.sil -o trap <&- >&- 2>&-"
	expect 1 '42' '' sh -c './trap 2>&-'
	expect 2 '' '~Bad file descriptor' sh -c './trap >&-'
fi
finish
