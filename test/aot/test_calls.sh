# Calls of exported functions, in the settings that change their path: sh test_calls.sh VSPC
# AOT_CALLS CALLS.sil.
set -u
vspc=$1 calls=$2 program=$3
. "$(dirname "$0")/lib.sh"
for options in "" -O0 --mcpu=native --precise-traps "--bounds=explicit" "--bounds=explicit --no-signals" --status-returns "--max-depth=50 --deterministic"; do
	echo "options: $options"
	aot $options "$program" -o calls.so
	"$calls" ./calls.so || fail "calls with '$options'"
done
finish
