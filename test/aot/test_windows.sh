# Compiling for Windows: sh test_windows.sh VSPC WINE_FOLDER PROGRAM... Formats are checked, and the
# outputs and the programs are run under Wine where it is installed; WINE_FOLDER is for its files.
# Status 77: there is no MinGW.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
target=x86_64-w64-mingw32
export WINEPREFIX="$2" WINEDEBUG=-all
shift 2
needs $target-gcc

printf '\tMOVI R0, 5\n\tMOVI R1, 10\n\tADD R0, R1\n\tSYSCALL 2\n\tSYSCALL 0x0B\n\tHLT\n' >first.sil
cp "$source/examples/hosts/energy.sil" .
for output in first.exe first first.o first.a first.ll first.bc first.s; do
	again $output first.sil
done
again energy.dll energy.sil
aot energy.sil -o energy.a && aot energy.sil -o energy.h

# Formats, and the names that a DLL shows.
for output in first.exe first energy.dll; do
	$target-objdump -f $output | grep -q 'pei-x86-64' || fail "$output is no PE file"
done
$target-objdump -f first.o | grep -q 'pe-x86-64' || fail "first.o is no COFF object"
found=$($target-objdump -p energy.dll | sed -n '/Ordinal.*Name Pointer/,/^$/s/.*\] *\(+base\[ *[0-9]*\] *[0-9a-f]* *\)\{0,1\}\([a-z_]*\)$/\2/p' | sort | tr '\n' ' ')
same "names of the DLL" "$(energy_names)" "${found# }"
$target-objdump -p energy.dll first.exe | sed -n 's/.*DLL Name: //p' | grep -Eiqv '^(kernel32|msvcrt|advapi32|ucrtbase|api-ms-win-.*)\.dll$' &&
	fail "DLLs beyond the system's are needed"

again hello.exe "$source/test/wasi/hello.sil"
again cat.exe "$source/test/wasi/cat.sil"
again grants.exe --allow=clock,random --env=A=1 "$source/test/wasi/grants.sil"
refused "cannot be given folders" --aot --target=$target --dir=. "$source/test/wasi/hello.sil" -o refused.exe
refused "is called .dll" --aot --target=$target energy.sil -o refused.so
refused "--target=x86_64-w64-mingw32" --aot energy.sil -o refused.dll
refused "--target=x86_64-w64-mingw32" --aot --target=aarch64-linux-gnu energy.sil -o refused.exe
refused "no system like" --aot --target=x86_64-pc-windows-msvc energy.sil -o refused.o
VSP_SYSROOT=$work/again refused "mingw-w64-x86-64-dev" --aot --target=$target first.sil -o refused.exe
VSP_CC=/nonexistent/cc refused "gcc-mingw-w64-x86-64" --aot --target=$target first.sil -o refused.exe

# Hosts: linked with the static library, and with the DLL.
for library in energy.a energy.dll; do
	$target-gcc -I"$source/include" -I. "$source/examples/hosts/static.c" $library -o "with_${library#*.}.exe" || fail "a host with $library"
done
# LAUNCH on several threads.
aot "$source/test/aot/team.sil" -o team.dll
$target-gcc -I"$source/include" -Wall -Werror "$source/test/aot/team.c" "$source/test/aot/team_windows.c" -o team.exe || fail "a host with threads"
wine=$source/tools/wine.sh
if command -v wine >/dev/null && command -v wineserver >/dev/null; then
	# One server for all that follows.
	wineserver -p 2>/dev/null
	trap 'wineserver -k 2>/dev/null; rm -rf "$work"' EXIT
	same "output of first.exe" 15 "$("$wine" ./first.exe 2>/dev/null)"
	same "output by WASI" 'first hello' "$("$wine" ./hello.exe 2>/dev/null)"
	same "input by WASI" 'some input' "$(printf 'some input' | "$wine" ./cat.exe 2>/dev/null)"
	same "what WASI gives" "2 grants.exe|x| 1 A=1| 8 " "$("$wine" ./grants.exe x 2>/dev/null | tr '\000' '|' | tr '\n' ' ')"
	"$wine" ./team.exe team.dll - >team.out 2>/dev/null || fail "threads: $(cat team.out)"
	same "a host with a static library" "$hosts_print" "$("$wine" ./with_a.exe 2>/dev/null | tr -d '\r')"
	same "a host with a DLL" "$hosts_print" "$("$wine" ./with_dll.exe 2>/dev/null | tr -d '\r')"
	VSP_TEST_AOT=--target=$target VSP_TEST_RUN=$wine sh "$source/test/aot/test_executables.sh" "$vspc" "$@" || fail "programs"
else
	echo "not run: wine is missing"
fi
finish
