# Functions that the tests of compiling ahead of time share; each begins with
#     vspc=$1
#     . "$(dirname "$0")/lib.sh"
# The test then runs in an empty folder, which is removed at the end, and reports its result with
# `finish`.
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
target=
cc=${CC:-cc}

# needs TOOL...: status 77, which ctest counts as skipped, when one is missing.
needs() {
	for tool; do
		command -v "$tool" >/dev/null || { echo "skipped: $tool is missing" && exit 77; }
	done
}

fail() {
	echo "FAIL: $*" >&2
	failures=$((failures + 1))
}

# same WHAT EXPECTED FOUND
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }

# holds WHAT FILE TEXT: the text is in the file.
holds() { grep -qF -- "$3" "$2" || fail "$1: '$3' is not in $2"; }

# aot ARGS...: compiles for $target, or for this machine when it is empty.
aot() { "$vspc" --aot ${target:+--target=$target} "$@" || fail "--aot ${target:+--target=$target} $*"; }

# refused TEXT ARGS...: vspc ends with status 2 and a message that contains TEXT. Outputs of such
# commands are called refused*, and are not there.
refused() {
	text=$1
	shift
	message=$("$vspc" "$@" 2>&1)
	same "status of $*" 2 $?
	case $message in *"$text"*) ;; *) fail "$*: '$message' does not contain '$text'" ;; esac
	[ -z "$(ls | grep '^refused')" ] || fail "$* leaves files"
}

# again FILE ARGS...: the same input gives the same bytes.
again() {
	file=$1
	shift
	aot "$@" -o "$file"
	mkdir -p again
	aot "$@" -o "again/$file"
	cmp "$file" "again/$file" || fail "$file: the same input gives other bytes"
}

# The names that a compiled examples/hosts/energy.sil shows, each with $1 before it, in order on one
# line.
energy_names() {
	{
		sed -n 's/^PUBLIC(\(.*\))$/\1/p' "$source/aot/public.def"
		printf '%s\n' divide scale sum_squares
	} | sed "s/^/${1:-}/" | sort | tr '\n' ' '
}

# The output of the hosts in examples/hosts.
hosts_print='sum of squares: 385
scaled: 30
trapped: integer division by zero in divide'

# A program that prints 15.
write_first() { printf '\tMOVI R0, 5\n\tMOVI R1, 10\n\tADD R0, R1\n\tSYSCALL 2\n\tHLT\n' >first.sil; }

finish() {
	[ "$failures" = 0 ] && echo "all as expected" && exit 0
	exit 1 # not the number of failures: 77 would be "skipped", and 256 success
}
