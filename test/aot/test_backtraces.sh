# Back traces of traps five calls deep, of each kind of trap, are those of tier 0 in every tier and
# ahead of time: sh test_backtraces.sh VSPC.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"

# program NAME BODY: a program whose innermost function has the body; R0 is 5 there.
program() {
	{
		echo '.func main() -> 0'
		printf '\tMOVI R0, 1\n\tINVOKE one\n\tRET\n.end\n'
		set -- "$1" "$2" one two three four
		while [ $# -gt 3 ]; do
			printf '.func %s(1) -> 1\n\tADDI R0, R0, 1\n\tMOV R5, R0\n\tINVOKE %s\n\tADD R0, R0, R5\n\tRET\n.end\n' "$3" "$4"
			next=$2 name=$1
			shift 3
			set -- "$name" "$next" "$@"
		done
		printf '.func four(1) -> 1\n\tADDI R0, R0, 1\n\tPUSH R0\n\tINVOKE five\n\tPOP R1\n\tRET\n.end\n'
		printf '.func five(1) -> 1\n%s\n\tRET\n.end\n' "$2"
		printf '.transform twice\n\tSHLI R1, R1, 1\n\tLOAD R2, [R1 + 0]\n\tRET\n.end\n'
	} >"$1.sil"
}

# The frames of a back trace, as address, function and place.
frames() { sed -n 's/^ *#[0-9]* *//p' "$1"; }

# compare NAME OPTIONS...: --aot with the options, or --run where they name a tier.
compare() {
	name=$1
	shift
	case $1 in
	--tier=*) "$vspc" --sync-compile "$@" "$name.sil" >/dev/null 2>found ;;
	*)
		aot "$@" "$name.sil" -o program
		./program >/dev/null 2>found
		;;
	esac
	[ "$(frames found)" = "$(frames expected)" ] || fail "$name with $*: expected $(cat expected), found $(cat found)"
}

program page '	LOAD R1, [R0 + 3]
	ADD R0, R0, R1'
program store '	MOVI R1, 0x7FFFFFFF
	ST8 R0, [R1 + 0]'
program division '	MOVI R1, 0
	DIV R0, R0, R1'
program explicit '	TRAP 9'
program function '	MOVI R1, 99
	INVOKEI R1, 1, 1'
program denied '	SYSCALL 0x20'
for name in page store division explicit function denied; do
	"$vspc" --tier=interp "$name.sil" >/dev/null 2>expected
	[ "$(frames expected | wc -l)" -eq 6 ] || fail "$name: $(cat expected)"
	for level in 0 1 2 3; do
		compare "$name" -O$level --precise-traps
	done
	compare "$name" -O0 --bounds=explicit
	compare "$name" --tier=1
	for bounds in guard explicit; do
		compare "$name" --tier=2 --precise-traps --bounds=$bounds
	done
	compare "$name" --tier=2 --precise-traps --no-signals
	compare "$name" --tier=auto --tier1-threshold=1
done

# LLVM treats functions that never return as cold, and once put them in a section apart from the
# others.
printf '.func main\n\tINVOKE divide\n\tHLT\n.end\n.func divide(2) -> 1\n\tDIVU R0, R0, R1\n\tRET\n.end\n' >cold.sil
"$vspc" --tier=interp cold.sil >/dev/null 2>expected
for options in --tier=1 --tier=2 -O0 -O2; do
	compare cold $options
done

# Transforms that PIPE runs; and calls back and forth between compiled code and the interpreter, as
# in tier auto after some calls.
cat >pipe.sil <<'END'
.data
list:	.word 2, twice, load
.text
.func main() -> 0
	INVOKE go
	RET
.end
.func go(0) -> 0
	PIPE [list]
	RET
.end
.transform twice
	SHLI R1, R1, 1
	RET
.end
.transform load
	LOAD R2, [R1 + 5]
	RET
.end
END
cat >mixed.sil <<'END'
.func main() -> 0
	MOVI R6, 40
again:
	MOV R0, R6
	INVOKE outer
	ADDI R6, R6, -1
	JMP again
.end
.func outer(1) -> 1
	ADDI R0, R0, 1
	INVOKE inner
	RET
.end
.func inner(1) -> 1
	MOVI R1, 5
	CMPI R0, 10
	JNZ fine
	INVOKE last
fine:
	RET
.end
.func last(1) -> 1
	ADDI R0, R0, -10
	DIV R0, R1, R0
	RET
.end
END
for name in pipe mixed; do
	"$vspc" --tier=interp "$name.sil" >/dev/null 2>expected
	[ "$(frames expected | wc -l)" -ge 3 ] || fail "$name: $(cat expected)"
	compare "$name" -O0
	compare "$name" --tier=1
	compare "$name" --tier=auto --tier1-threshold=10 --tier2-threshold=1000000
done

# The innermost frames of many.
printf '.func main() -> 0\n\tMOVI R0, 1000\n\tINVOKE down\n\tRET\n.end\n.func down(1) -> 1\n\tBZ R0, end\n\tADDI R0, R0, -1\n\tINVOKE down\n\tADDI R0, R0, 1\n\tRET\nend:\n\tTRAP 1\n.end\n' >many.sil
"$vspc" --tier=interp many.sil 2>expected
same "frames of a long back trace" 16 "$(frames expected | wc -l)"
compare many -O0
compare many --tier=1

# Each frame names its own file.
printf '.func inner(1) -> 1\n\tMOVI R1, 0\n\tDIV R0, R0, R1\n\tRET\n.end\n' >inner.inc
printf '.include "inner.inc"\n.func main() -> 0\n\tMOVI R0, 1\n\tINVOKE inner\n\tRET\n.end\n' >files.sil
"$vspc" --tier=interp files.sil >/dev/null 2>expected
same 'files of frames' 'inner.inc:3 files.sil:4 ' "$(frames expected | sed 's/.* at //' | tr '\n' ' ')"
for options in --tier=1 --tier=2 -O0 -O2; do
	compare files $options
done
finish
