# Compiling for another Linux: sh test_cross.sh VSPC GNU_NAME ELF_MACHINE. Every kind of output is
# made, inspected and run under QEMU. Status 77: tools are missing.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
target=$2 machine=$3
cpu=${target%%-*}
needs "qemu-$cpu" "$target-gcc"
run="qemu-$cpu -L /usr/$target"

write_first
cp "$source/examples/hosts/energy.sil" .

for kind in .so .o .a .ll .bc .s ''; do
	again "first$kind" first.sil
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
aot energy.sil -o energy.so && aot energy.sil -o energy.a && aot energy.sil -o energy.h
"$target-gcc" -I"$source/include" "$source/examples/hosts/dlopen.c" -o dlopen_host -ldl && same "C with dlopen" "$hosts_print" "$($run ./dlopen_host ./energy.so)"
"$target-gcc" -I"$source/include" -I. "$source/examples/hosts/static.c" energy.a -lm -pthread -o static_host &&
	same "C with a static library" "$hosts_print" "$($run ./static_host)"

# clang and its own linker do where there is no gcc for the target.
if command -v ld.lld >/dev/null && command -v clang >/dev/null; then
	VSP_CC=clang aot first.sil -o by_clang
	same "linked by clang" 15 "$($run ./by_clang)"
fi

# Messages name missing tools.
mkdir empty
VSP_SYSROOT="$work/empty" refused "libc6-dev-" --aot --target=$target energy.sil -o refused.so
VSP_CLANG="/nonexistent/clang" refused "VSP_CLANG" --aot --target=$target energy.sil -o refused.so
VSP_RUNTIME_DIR="$work/empty" refused "VSP_RUNTIME_DIR" --aot --target=$target energy.sil -o refused.so
VSP_CC="/nonexistent/cc" refused "gcc-" --aot --target=$target energy.sil -o refused.so
VSP_CC="false" refused "the command: false" --aot --target=$target energy.sil -o refused.so

# The runtime's object, which is kept beside its bitcode, is made again when it is damaged; that is
# tried in a copy of the cache, which other tests use. Bitcode: test_trust.sh.
[ "$cpu" = aarch64 ] && [ -n "${XDG_CACHE_HOME-}" ] || finish
mkdir -m 700 -p cache/vsp && cp -p "$XDG_CACHE_HOME"/vsp/runtime-* cache/vsp/
XDG_CACHE_HOME=$work/cache
mkdir whole
for file in cache/vsp/runtime-*.o; do
	cp -p "$file" whole/ && : >"$file"
done
aot first.sil -o againfirst.so
cmp first.so againfirst.so || fail 'a damaged cache gives other bytes in first.so'
made=0 # of all objects, that of this target alone
for file in cache/vsp/runtime-*.o; do
	[ -s "$file" ] || continue
	made=$((made + 1))
	cmp "$file" "whole/${file##*/}" || fail 'the object is not made as it was'
done
same 'objects that are made again' 1 "$made"
finish
