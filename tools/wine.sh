#!/bin/sh
# wine.sh PROGRAM.exe ARGUMENT...: runs a program for Windows under Wine, which keeps its files in
# build/wine. Status 77, by which tests skip, if there is no Wine.
command -v wine >/dev/null || { echo "SKIPPED: wine is missing (Debian: wine, wine64)" >&2; exit 77; }
# A program that crashes ends, instead of waiting for a debugger; what Wine would fetch is not
# needed.
: "${WINEDLLOVERRIDES:=winedbg.exe=d;mscoree=d;mshtml=d}"
: "${WINEPREFIX:=$(cd "$(dirname "$0")/.." && pwd)/build/wine}" "${WINEDEBUG:=-all}"
export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES
# Debian's Wine has no preloader, and is a program at a fixed address whose heap the kernel places
# at random: one start in some thousands finds it where Wine must map its shared page (0x7ffe0000)
# and ends silently, with status 1. Without that randomness, if the system allows that, none does.
fixed=
setarch -R true 2>/dev/null && fixed='setarch -R'
exec $fixed wine "$@"
