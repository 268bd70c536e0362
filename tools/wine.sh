#!/bin/sh
# wine.sh PROGRAM.exe ARGUMENT...: runs a program for Windows under Wine, which keeps its files in
# build/wine. Status 77, by which tests skip, if there is no Wine.
command -v wine >/dev/null || { echo "SKIPPED: wine is missing (Debian: wine, wine64)" >&2; exit 77; }
# A program that crashes ends, instead of waiting for a debugger; what Wine would fetch is not
# needed.
: "${WINEDLLOVERRIDES:=winedbg.exe=d;mscoree=d;mshtml=d}"
: "${WINEPREFIX:=$(cd "$(dirname "$0")/.." && pwd)/build/wine}" "${WINEDEBUG:=-all}"
export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES
exec wine "$@"
