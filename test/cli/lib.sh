# Functions that the command-line tests share. Each test runs in an empty folder with $vspc, and
# states the expected result:
#     expect STATUS STDOUT STDERR COMMAND...
# A text that is "*" matches anything; one that begins with "~" must be found within the output;
# otherwise it must be all of it (the final newline aside).
vspc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 99
checks=0
failures=0

# matches WANTED GOT
matches() {
	case $1 in
	'*') return 0 ;;
	'~'*) case $2 in *"${1#\~}"*) return 0 ;; *) return 1 ;; esac ;;
	*) [ "$1" = "$2" ] ;;
	esac
}

expect() {
	want_status=$1 want_out=$2 want_err=$3
	shift 3
	out=$("$@" 2>err.txt)
	status=$?
	err=$(cat err.txt)
	checks=$((checks + 1))
	if [ "$status" != "$want_status" ] || ! matches "$want_out" "$out" || ! matches "$want_err" "$err"; then
		failures=$((failures + 1))
		printf 'FAILED: %s\n  status %s, wanted %s\n  stdout: %s\n  wanted: %s\n  stderr: %s\n  wanted: %s\n' "$*" \
			"$status" "$want_status" "$out" "$want_out" "$err" "$want_err"
	fi
}

# that WHAT COMMAND...: the command must succeed.
that() {
	what=$1
	shift
	checks=$((checks + 1))
	"$@" >err.txt 2>&1 || { failures=$((failures + 1)); printf 'FAILED: %s\n' "$what"; cat err.txt; }
}

# Has this build the compiler library?
has_compiler() { "$vspc" --tier=1 "$folder/sum.sil" >/dev/null 2>&1; }

# posix COMMAND...: a check of what only systems like POSIX have.
posix() { [ "$VSP_TEST_SYSTEM" = windows ] || "$@"; }

# Can this platform tell of files before they are opened? C11 alone cannot.
has_stamps() { [ "$VSP_TEST_SYSTEM" != portable ]; }

finish() {
	echo "$checks checks, $failures failed"
	[ "$failures" = 0 ]
	exit
}

cat >sum.sil <<'END'
MOVI R0, 5
MOVI R1, 10
ADD  R0, R1
HLT
END
