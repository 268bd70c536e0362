#!/bin/sh
# test_identical.sh NATIVE RESULTS... -- FILE...: what the program NATIVE of the build machine and
# the command RESULTS (this build's, under its emulator) print about the files must be the same.
native=$1
shift
if [ ! -x "$native" ]; then
	echo "skipped: build the preset release or dev first; there is no $native"
	exit 77
fi
command=
while [ "$1" != -- ]; do
	command="$command $1"
	shift
done
shift
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
"$native" "$@" >"$folder/native" || exit 99
# shellcheck disable=SC2086
$command "$@" >"$folder/other" || { echo "FAILED: $command ended with $?"; exit 1; }
lines=$(wc -l <"$folder/native")
[ "$lines" -ge $# ] || { echo "FAILED: $lines lines about $# files"; exit 1; }
tr -d '\r' <"$folder/other" >"$folder/lines" # of a C library that writes them
diff -u "$folder/native" "$folder/lines" && echo "$lines files alike"
