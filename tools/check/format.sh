#!/bin/sh
# Checks that every .c and .h file is as clang-format 22 would write it. With -i, makes it so.
cd "$(dirname "$0")/../.." || exit 2
how="--dry-run -Werror"
[ "$1" = -i ] && how=-i
git ls-files '*.c' '*.h' | xargs clang-format-22 $how
