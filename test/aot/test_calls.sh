# Calls of exported functions, in the settings that change the way in: sh test_calls.sh VSPC AOT_CALLS CALLS.sil.
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for options in "" -O0 --mcpu=native --precise-traps "--bounds=explicit" "--bounds=explicit --no-signals" --status-returns "--max-depth=50 --deterministic"; do
	echo "options: $options"
	"$1" --aot $options "$3" -o "$work/calls.so"
	"$2" "$work/calls.so"
done
