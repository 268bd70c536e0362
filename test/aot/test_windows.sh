# Compiling for Windows: sh test_windows.sh VSPC SOURCE_FOLDER WINE_FOLDER PROGRAM... Formats are looked at, and what was made and the programs are
# run under Wine where it is installed; WINE_FOLDER is for its files. Status 77: there is no MinGW.
set -u
vspc=$1 source=$2 target=x86_64-w64-mingw32
export WINEPREFIX="$3" WINEDEBUG=-all
shift 3
command -v $target-gcc >/dev/null || { echo "skipped: $target-gcc is missing" && exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
	echo "FAIL: $*" >&2
	failures=$((failures + 1))
}

# same WHAT EXPECTED FOUND
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }

aot() { "$vspc" --aot --target=$target "$@" || fail "$*"; }

# refused TEXT ARGS...: ends with status 2 and TEXT, and leaves nothing.
refused() {
	text=$1
	shift
	message=$("$vspc" --aot "$@" 2>&1)
	same "status of $*" 2 $?
	case $message in *"$text"*) ;; *) fail "$*: '$message' does not contain '$text'" ;; esac
	[ -z "$(ls | grep '^refused')" ] || fail "$* leaves files"
}

printf '\tMOVI R0, 5\n\tMOVI R1, 10\n\tADD R0, R1\n\tSYSCALL 2\n\tSYSCALL 0x0B\n\tHLT\n' >first.sil
cp "$source/examples/hosts/energy.sil" .
mkdir again
for output in first.exe first first.o first.a first.ll first.bc first.s; do
	aot first.sil -o $output
	aot first.sil -o again/$output
	cmp $output again/$output || fail "$output: the same input gives other bytes"
done
aot energy.sil -o energy.dll && aot energy.sil -o again/energy.dll && cmp energy.dll again/energy.dll || fail "energy.dll: other bytes"
aot energy.sil -o energy.a && aot energy.sil -o energy.h

# Formats, and the names that a DLL shows.
for output in first.exe first energy.dll; do
	$target-objdump -f $output | grep -q 'pei-x86-64' || fail "$output is no PE file"
done
$target-objdump -f first.o | grep -q 'pe-x86-64' || fail "first.o is no COFF object"
found=$($target-objdump -p energy.dll | sed -n '/Ordinal.*Name Pointer/,/^$/s/.*\] *\(+base\[ *[0-9]*\] *[0-9a-f]* *\)\{0,1\}\([a-z_]*\)$/\2/p' | sort | tr '\n' ' ')
expected=$({
	sed -n 's/^PUBLIC(\(.*\))$/\1/p' "$source/aot/public.def"
	printf '%s\n' divide scale sum_squares
} | sort | tr '\n' ' ')
same "names of the DLL" "$expected" "${found# }"
$target-objdump -p energy.dll first.exe | sed -n 's/.*DLL Name: //p' | grep -Eiqv '^(kernel32|msvcrt|advapi32|ucrtbase|api-ms-win-.*)\.dll$' &&
	fail "DLLs beyond the system's are needed"

refused "is called .dll" --target=$target energy.sil -o refused.so
refused "--target=x86_64-w64-mingw32" energy.sil -o refused.dll
refused "--target=x86_64-w64-mingw32" --target=aarch64-linux-gnu energy.sil -o refused.exe
refused "no system like" --target=x86_64-pc-windows-msvc energy.sil -o refused.o
VSP_SYSROOT=$work/again refused "mingw-w64-x86-64-dev" --target=$target energy.sil -o refused.exe
VSP_CC=/nonexistent/cc refused "gcc-mingw-w64-x86-64" --target=$target energy.sil -o refused.exe

# Hosts: linked with the static library, and with the DLL.
for library in energy.a energy.dll; do
	$target-gcc -I"$source/include" -I. "$source/examples/hosts/static.c" $library -o "with_${library#*.}.exe" || fail "a host with $library"
done
if command -v wine >/dev/null && command -v wineserver >/dev/null; then
	# One server for all that follows.
	wineserver -p 2>/dev/null
	trap 'wineserver -k 2>/dev/null; rm -rf "$work"' EXIT
	expected='sum of squares: 385
scaled: 30
trapped: integer division by zero in divide'
	same "output of first.exe" 15 "$(wine ./first.exe 2>/dev/null)"
	same "a host with a static library" "$expected" "$(wine ./with_a.exe 2>/dev/null | tr -d '\r')"
	same "a host with a DLL" "$expected" "$(wine ./with_dll.exe 2>/dev/null | tr -d '\r')"
	VSP_TEST_AOT=--target=$target VSP_TEST_RUN=wine sh "$source/test/aot/test_executables.sh" "$vspc" "$@" || fail "programs"
else
	echo "not run: wine is missing"
fi
[ $failures -eq 0 ] && echo "all as expected"
exit $failures
