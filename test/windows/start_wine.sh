#!/bin/sh
# start_wine.sh WINE.SH: Wine makes its files, and its server starts anew: one whose programs were
# killed may answer no others.
command -v wineserver >/dev/null && WINEPREFIX=${WINEPREFIX:-$(cd "$(dirname "$1")" && pwd)/../build/wine} wineserver -k 2>/dev/null
exec "$1" cmd /c exit 0
