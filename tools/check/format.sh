#!/bin/sh
# Checks that every .c and .h file is as clang-format 22 would write it, and the length of all lines
# (tools/check/lines.py). With -i, formats the files first.
cd "$(dirname "$0")/../.." || exit 2
how="--dry-run -Werror"
[ "$1" = -i ] && how=-i
git ls-files '*.c' '*.h' | xargs clang-format-22 $how || exit 1
exec tools/check/lines.py
