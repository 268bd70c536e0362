# Nothing that a run writes tells where anything is in the process: not its statistics, messages,
# dumps of registers, back traces, traces of events, profiles or IR. Only --perf does, which is for
# that.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null && [ -r /proc/self/maps ] || { echo "skipped: python3 or /proc is missing" && exit 77; }
[ "$VSP_TEST_SYSTEM" != windows ] || exit 77

# Compiled code is entered often, then the program says so and waits for a byte, and then it traps
# in a nested call.
cat >calls.sil <<'END'
.func main
	MOVI R9, 3000
again:
	MOVI R0, 0x20000
	INVOKE touch
	ADDI R9, R9, -1
	BNZ R9, again
	MOVI R0, '+'
	SYSCALL 0x0A
	SYSCALL flush
	IN R1, 0
	MOVI R0, 0x7fffffff
	INVOKE touch
	HLT
.end
.func touch(1) -> 1
	INVOKE deeper
	ADDI R0, R0, 1
	RET
.end
.func deeper(1) -> 1
	LOAD R0, [R0]
	RET
.end
END

# Prints the numbers in the files that lie in a mapping of the process, whose maps are in the first
# file. Mappings of gigabytes are linear memory, in which times may lie by chance, and low ones are
# those of vspc itself, whose place is fixed.
cat >find.py <<'END'
import re, sys
spans = [[int(end, 16) for end in line.split()[0].split("-")] for line in open(sys.argv[1])]
spans = [(low, high) for low, high in spans if high - low < 1 << 30 and low >= 1 << 32]
for name in sys.argv[2:]:
    text = open(name, errors="replace").read()
    found = [(word, int(word, 16)) for word in re.findall(r"(?<![0-9a-zA-Z_])(?:0[xX])?([0-9a-fA-F]{6,16})(?![0-9a-zA-Z_])", text)]
    found += [(word, int(word)) for word in re.findall(r"(?<![0-9a-zA-Z_.])[0-9]{7,20}(?![0-9a-zA-Z_.])", text)]
    for word, value in found:
        if any(low <= value < high for low, high in spans):
            print(name, word)
END

# run OPTION...: runs the program; its maps while it waits are in maps.txt, what it says in out.txt
# and said.txt.
mkfifo byte
run() {
	rm -f out.txt
	"$vspc" calls.sil --cache=off "$@" <byte >out.txt 2>said.txt &
	child=$!
	exec 4>byte
	n=0
	while [ "$n" -lt 600 ] && ! [ -s out.txt ]; do
		sleep 0.05
		n=$((n + 1))
	done
	cat "/proc/$child/maps" >maps.txt
	printf x >&4
	exec 4>&-
	wait $child
}

ways="interp baseline"
! has_compiler || ways="interp baseline 1 2 auto"
for tier in $ways; do
	set -- --tier=$tier --stats -v --dump=json
	case $tier in
	interp | baseline) files=counts.txt && set -- "$@" --profile-out=counts.txt ;;
	*) files="trace.json code.ll" && set -- "$@" --sync-compile --trace=trace.json --emit-llvm=code.ll --time-passes ;;
	esac
	outputs="out.txt said.txt $files"
	run "$@"
	that "tier $tier: it trapped" grep -q 'trap: OUT_OF_BOUNDS' said.txt
	# shellcheck disable=SC2086
	that "tier $tier: no address in $outputs" [ -z "$(python3 find.py maps.txt $outputs | tee found.txt)" ]
	[ ! -s found.txt ] || cat found.txt
done
# Where addresses are asked for they are found.
if has_compiler && [ "$VSP_TEST_SYSTEM" != portable ]; then
	run --tier=1 --perf --no-sandbox
	that "the map for perf has addresses" [ -n "$(python3 find.py maps.txt "/tmp/perf-$child.map")" ]
	rm -f "/tmp/perf-$child.map" "/tmp/jit-$child.dump"
fi
finish
