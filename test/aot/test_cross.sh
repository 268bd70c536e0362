# Compiling for another Linux: sh test_cross.sh VSPC SOURCE_FOLDER GNU_NAME ELF_MACHINE. Every kind of output is made, looked at and run under QEMU.
# Status 77: tools are missing.
set -u
vspc=$1 source=$2 target=$3 machine=$4
cpu=${target%%-*}
for tool in "qemu-$cpu" "$target-gcc"; do
	command -v "$tool" >/dev/null || { echo "skipped: $tool is missing" && exit 77; }
done
run="qemu-$cpu -L /usr/$target"
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

aot() { "$vspc" --aot --target="$target" "$@" || fail "$*"; }

# refused TEXT VARIABLE=VALUE: compiling an object in that environment ends with status 2 and TEXT, and leaves nothing.
refused() {
	message=$(env "$2" "$vspc" --aot --target="$target" energy.sil -o refused.so 2>&1)
	same "status with $2" 2 $?
	case $message in *"$1"*) ;; *) fail "$2: '$message' does not contain '$1'" ;; esac
	[ -z "$(ls | grep '^refused')" ] || fail "$2 leaves files"
}

printf '\tMOVI R0, 5\n\tMOVI R1, 10\n\tADD R0, R1\n\tSYSCALL 2\n\tHLT\n' >first.sil
cp "$source/examples/hosts/energy.sil" .

for kind in .so .o .a .ll .bc .s ''; do
	aot first.sil -o "first$kind"
	aot first.sil -o "again$kind"
	cmp "first$kind" "again$kind" || fail "first$kind: the same input gives other bytes"
done
for level in 0 1 2 3; do
	aot -O$level first.sil -o level
	same "output at -O$level" 15 "$($run ./level)"
done
for bounds in "--bounds=explicit" "--bounds=explicit --no-signals"; do
	aot $bounds first.sil -o plain
	same "output with $bounds" 15 "$($run ./plain)"
done
if command -v readelf >/dev/null; then
	for kind in .so .o ''; do
		readelf -h "first$kind" | grep -q "Machine:.*$machine" || fail "first$kind is for another machine"
	done
	[ "$cpu" != riscv64 ] || readelf -h first.o | grep -q 'double-float ABI' || fail "floats are passed in other registers"
fi

# Hosts on that machine.
expected='sum of squares: 385
scaled: 30
trapped: integer division by zero in divide'
aot energy.sil -o energy.so && aot energy.sil -o energy.a && aot energy.sil -o energy.h
"$target-gcc" -I"$source/include" "$source/examples/hosts/dlopen.c" -o dlopen_host -ldl && same "C with dlopen" "$expected" "$($run ./dlopen_host ./energy.so)"
"$target-gcc" -I"$source/include" -I. "$source/examples/hosts/static.c" energy.a -lm -pthread -o static_host &&
	same "C with a static library" "$expected" "$($run ./static_host)"

# clang and its own linker do where there is no gcc for the target.
if command -v ld.lld >/dev/null && command -v clang >/dev/null; then
	VSP_CC=clang aot first.sil -o by_clang
	same "linked by clang" 15 "$($run ./by_clang)"
fi

# What is missing is named.
mkdir empty
refused "libc6-dev-" "VSP_SYSROOT=$work/empty"
refused "VSP_CLANG" "VSP_CLANG=/nonexistent/clang"
refused "VSP_RUNTIME_DIR" "VSP_RUNTIME_DIR=$work/empty"
refused "gcc-" "VSP_CC=/nonexistent/cc"
refused "linking failed: false" "VSP_CC=false"

# The cache of runtimes: made on demand, made again when it is damaged, and not needed.
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME
aot first.sil -o cached.so
entry=$(ls cache/vsp/runtime-*.bc)
cmp first.so cached.so || fail "a fresh cache gives other bytes"
printf 'damage' | dd of="$entry" bs=1 seek=1000 conv=notrunc 2>/dev/null
aot first.sil -o damaged.so
cmp first.so damaged.so || fail "a damaged cache gives other bytes"
: >"$entry"
aot first.sil -o emptied.so
cmp first.so emptied.so || fail "an empty file in the cache gives other bytes"
same "files in the cache" "$entry" "$(ls cache/vsp/*)"
: >not_a_folder
XDG_CACHE_HOME=$work/not_a_folder
aot first.sil -o uncached.so
cmp first.so uncached.so || fail "without a cache other bytes come out"

[ $failures -eq 0 ] && echo "all as expected"
exit $failures
