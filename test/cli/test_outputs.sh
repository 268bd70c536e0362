# Output files of a run are opened before it, so a wrong name costs no run. They are there whole or
# not at all, also when a signal ends the run.
. "$(dirname "$0")/lib.sh"

# The program says that it has run.
printf 'MOVI R0, 7\nSYSCALL 2\nSYSCALL 0x0B\nHLT\n' >seven.sil
expect 2 '' "vspc: error: cannot write '/none/x': No such file or directory" "$vspc" seven.sil --profile-out=/none/x
expect 2 '' "vspc: error: cannot write '/none/x': No such file or directory" "$vspc" seven.sil --output=/none/x
mkdir folder
expect 2 '' "vspc: error: cannot write 'folder': Is a directory" "$vspc" seven.sil --profile-out=folder
expect 0 '7' '' "$vspc" seven.sil --profile-out=p.txt
that "nothing else is left" [ "$(ls)" = "$(printf 'err.txt\nfolder\np.txt\nseven.sil\nsum.sil')" ]
[ ! -w /dev/full ] || expect 2 '7' "vspc: error: cannot write '/dev/full': No space left on device" "$vspc" seven.sil --profile-out=/dev/full

compiled=false
"$vspc" --tier=1 sum.sil 2>/dev/null && compiled=true
if $compiled; then
	expect 2 '' "vspc: error: cannot write '/none/x': No such file or directory" "$vspc" seven.sil --trace=/none/x
	expect 2 '' "vspc: error: cannot write '/none/x': No such file or directory" "$vspc" seven.sil --tier=2 --emit-llvm=/none/x
	expect 2 '' "vspc: error: '--emit-llvm' and '--tier=interp' cannot be used together: the compiler has nothing to do" \
		"$vspc" seven.sil --emit-llvm=x.ll --tier=interp
fi

# ends SIGNAL WHAT COMMAND...: the program has printed x when the signal comes; the command ends by
# it.
ends() {
	signal=$1 what=$2
	shift 2
	rm -f out
	mkfifo out
	"$@" >out 2>messages.txt &
	child=$!
	exec 4<out
	that "$what runs" [ "$(dd bs=1 count=1 <&4 2>/dev/null)" = x ]
	kill -s "$signal" $child
	wait $child
	status=$?
	exec 4<&-
	that "$what ends by SIG$signal" [ "$(kill -l $status 2>/dev/null)" = "$signal" ]
}

printf "MOVI R0, 'x'\nSYSCALL 0x0A\nSYSCALL flush\nMOVI R0, 'y'\nSYSCALL 0x0A\nloop: ADDI R1, R1, 1\nJMP loop\n" >loop.sil
printf "MOVI R0, 'x'\nSYSCALL 0x0A\nSYSCALL flush\nIN R0, 0\nHLT\n" >read.sil
mkfifo silent
exec 3<>silent
for signal in TERM HUP; do # a shell lets background jobs ignore INT
	ends $signal "a loop" "$vspc" loop.sil --tier=interp --profile-out=p.txt
	that "it says so" grep -q 'trap: INTERRUPTED' messages.txt
	that "its counts are kept" test -s p.txt
	rm -f p.txt
	ends $signal "a program that waits for input" "$vspc" read.sil --input=silent
	that "it says so" grep -q 'trap: INTERRUPTED' messages.txt
	$compiled || continue
	[ "$VSP_TEST_SIGNALS" = held ] && continue # until a call of the C library, which compiled loops do not make
	for tier in auto 1 2; do
		ends $signal "a loop in tier $tier" "$vspc" loop.sil --tier=$tier --trace=t.json
		that "the trace is kept" sh -c 'tail -c 4 t.json | grep -q "]}"'
		that "how it ended is in it" grep -q INTERRUPTED t.json
		rm -f t.json
	done
done
# Output of the program is not lost.
rm -f out
tier=auto
[ "$VSP_TEST_SIGNALS" = held ] && tier=interp
"$vspc" loop.sil --tier=$tier --output=kept.txt 2>/dev/null &
child=$!
while ! grep -q x kept.txt 2>/dev/null; do sleep 0.05; done
kill $child
wait $child
that "the output is kept" [ "$(cat kept.txt)" = xy ]
# A process that ignores a signal goes on.
rm -f out
mkfifo out
sh -c "trap '' HUP; exec '$vspc' read.sil --input=silent" >out &
child=$!
exec 4<out
that "it runs" [ "$(dd bs=1 count=1 <&4 2>/dev/null)" = x ]
kill -s HUP $child
echo >&3
wait $child
that "what is ignored ends nothing" [ $? = 0 ]
exec 3>&- 4<&-
# A file beyond the limit of file sizes is an error like a full disk, and nothing is left of it. A
# build that counts what runs would write its counts.
printf '.data\nx: .space 100000\n.code\nHLT\n' >large.sil
expect 2 '' "vspc: error: cannot write 'large.silc': File too large" sh -c "ulimit -f 8; LLVM_PROFILE_FILE=/dev/null '$vspc' --asm large.sil -o large.silc"
printf 'again: OUT R0, 0\nADDI R1, R1, 1\nMOVI R2, 100000\nBNE R1, R2, again\nHLT\n' >write.sil
expect 2 '' "vspc: error: cannot write 'o.bin': File too large" sh -c "ulimit -f 8; LLVM_PROFILE_FILE=/dev/null '$vspc' write.sil --output=o.bin"
# As long as names can be: there is no room for a temporary name that begins with it.
long=$(printf '%0251d' 0).out
expect 0 '' '' "$vspc" sum.sil --trace="$long"
that 'an output with a name of 255 bytes' test -s "$long"
that "no temporary file is left" sh -c '! ls | grep tmp'
finish
