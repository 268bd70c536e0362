# Tests run_programs itself: stand-ins for vspc that execute nothing must fail every program.
#     test_itself.sh RUN_PROGRAMS PROGRAM...
run=$1
shift
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
failures=0

# stand_in NAME STATUS DUMP: a vspc that prints DUMP, and a text as long as any message, and ends
# with STATUS.
stand_in() {
	printf '#!/bin/sh\necho "%s"\necho "error: trap" >&2\nexit %s\n' "$(printf %s "$3" | sed 's/"/\\\\"/g')" "$2" >"$folder/$1"
	chmod +x "$folder/$1"
}

# none_passes NAME PROGRAM...: each program fails with the stand-in.
none_passes() {
	name=$1
	shift
	said=$("$run" --vspc "$folder/$name" --work "$folder" --flags "" "$@" 2>"$folder/errors")
	if [ "$said" != "0 of $# programs as expected" ]; then
		echo "FAILED: a vspc that executes nothing ($name): $said"
		for program; do grep -q -F "FAIL $program " "$folder/errors" || echo "  passes: $program"; done
		failures=$((failures + 1))
	fi
}

# refuses TEXT PROGRAM: run_programs finds a fault in the program's comments.
refuses() {
	"$run" --vspc "$folder/zeros" --work "$folder" --flags "" "$2" 2>"$folder/errors" >/dev/null && {
		echo "FAILED: $2 passes"
		failures=$((failures + 1))
	}
	grep -q -F "$1" "$folder/errors" || { echo "FAILED: no '$1' about $2" && failures=$((failures + 1)); }
}

zero='"0x0000000000000000"'
zeros=$zero
for i in 1 2 3 4 5 6 7 8 9 A B C D E F; do zeros="$zeros,$zero"; done
ended='"trap":null,"pc":0,"sp":131072'
trapped='"status":"trapped","code":1,"trap":{"kind":null,"code":null,"pc":0,"function":"main","line":null},"r":null,"sr":null,"mode":null'
stand_in unknown 0 "{\"status\":\"halted\",\"code\":0,$ended,\"sr\":null,\"mode\":null,\"r\":null}"
stand_in zeros 0 "{\"status\":\"halted\",\"code\":0,$ended,\"sr\":\"0x10\",\"mode\":4,\"r\":[$zeros]}"
stand_in trapped 1 "{$trapped}"
stand_in silent 0 ''
stand_in refusing 2 ''
none_passes unknown "$@"
none_passes zeros "$@"
none_passes trapped "$@"
none_passes silent "$@"
none_passes refusing "$@"

printf '; expect-rg: R0 = 1\n; expect-r0: 0\n\tHLT\n' >"$folder/misspelt.sil"
refuses "expect-rg" "$folder/misspelt.sil"
printf '; a comment\n\tHLT\n' >"$folder/nothing.sil"
refuses "expectations, found none" "$folder/nothing.sil"
[ "$failures" = 0 ]
