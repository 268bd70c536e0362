# Text of programs is escaped: names, messages and paths reach no terminal, table, trace or tool as
# control characters.
. "$(dirname "$0")/lib.sh"


# clean WHAT STATUS WANTED COMMAND...: neither stream shows controls; stderr has the text WANTED in
# it.
clean() {
	what=$1 wanted=$2 text=$3
	shift 3
	"$@" >shown.txt 2>&1
	status=$?
	that "$what: status $status" [ "$status" = "$wanted" ]
	that "$what: escaped" grep -qF -e "$text" shown.txt
	that "$what: no controls" sh -c '! LC_ALL=C grep -q "[^ -~	]" shown.txt'
}

evil='\\e]0;owned\\a\\e[31m\\n400000 1000 main'
printf '.func main\n INVOKE f\n HLT\n.end\n.export f as "'"$evil"'"\n.func f\n TRAP 9\n.end\n' >evil.sil
shown='<1B>]0;owned<07><1B>[31m<0A>400000 1000 main'
expect 0 '' '' "$vspc" --asm evil.sil -o evil.silc
clean 'back trace' 1 "in $shown at evil.sil:7" "$vspc" evil.silc
clean 'statistics' 1 "  $shown" "$vspc" evil.silc --stats --tier=interp
clean 'JSON' 1 '"function":"\u001b]0;owned\u0007\u001b[31m\u000a400000 1000 main"' "$vspc" evil.silc --dump=json
clean 'JSON of statistics' 1 '"name":"\u001b]0;owned' "$vspc" evil.silc --stats=json
clean 'disassembly' 0 '\x1B]0;owned\x07' "$vspc" --dis evil.silc
name=$(printf 'e\033[2J\n.sil')
clean 'a missing file' 2 "cannot read 'e<1B>[2J<0A>.sil'" "$vspc" "$name"
clean 'an unknown option' 2 "unknown option '--<1B>[2J'" "$vspc" "$(printf -- '--\033[2J')"
clean 'a function that is not there' 2 "no function '<1B>x'" "$vspc" evil.silc --invoke "$(printf '\033x')"
printf 'MOVI R0, @\n.include "x\\e.sil"\n' >"$name"
clean 'a source' 2 'e<1B>[2J<0A>.sil:1:10: error' "$vspc" "$name"
clean 'a file that is included' 2 "cannot include 'x<1B>.sil'" "$vspc" "$name"
printf 'MOVI R0, \302\2331m\342\200\256\n' >turned.sil
clean 'what turns text around' 2 '<C2><9B>1m<E2><80><AE>' "$vspc" turned.sil
printf '.import "env.\\e[5m"(0) -> 0\nHCALL 0\nHLT\n' >import.sil
clean 'an import' 2 "imports 'env.<1B>[5m'" "$vspc" import.sil
printf '.file "\\e[41m.sil"\n.loc 0, 1, 1\nTRAP 1\n' >line.sil
clean 'the file of a line' 1 'at <1B>[41m.sil:1' "$vspc" line.sil
printf 'HLT\n' >"$name"
clean 'what is said with -v' 0 'vspc: e<1B>[2J<0A>.sil: 1 functions' "$vspc" -v "$name"

if "$vspc" --tier=1 sum.sil 2>/dev/null; then
	expect 1 '' '*' "$vspc" evil.silc -q --tier=1 --sync-compile --trace=trace.json
	clean 'the trace' 0 '\u001b]0;owned' cat trace.json
	# perf reads each line as a function: none must begin inside a name.
	sh -c 'echo $$ >pid.txt; exec "$@"' sh "$vspc" evil.silc -q --tier=2 --sync-compile --perf 2>/dev/null
	pid=$(cat pid.txt)
	if [ -e "/tmp/perf-$pid.map" ]; then
		clean "perf's map" 0 " $shown [tier 2]" cat "/tmp/perf-$pid.map"
		that "perf's jitdump" grep -qaF "$shown [tier 2]" "/tmp/jit-$pid.dump"
		that "no escape in perf's jitdump" sh -c "! grep -qaF '$(printf '\033]0;owned')' /tmp/jit-$pid.dump"
	fi
	rm -f "/tmp/perf-$pid.map" "/tmp/jit-$pid.dump"
	# A compiled program shows the same messages as vspc.
	expect 0 '' '' "$vspc" --aot evil.silc -o "$(printf 'a\033[2J')"
	clean 'a compiled program' 1 "in $shown at evil.sil:7" "./$(printf 'a\033[2J')"
	clean 'its name' 1 'a<1B>[2J: trap: ' "./$(printf 'a\033[2J')"
	printf '.export g as "a\\eb"\n.func g\n RET\n.end\n.func main\n HLT\n.end\n' >export.sil
	clean 'a name that C cannot have' 2 "'a<1B>b' cannot be a symbol" "$vspc" --aot export.sil -o export.o
fi
finish
