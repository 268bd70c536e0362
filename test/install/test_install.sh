#!/bin/sh
# test_install.sh BUILD: installs the build into an empty folder, then builds and runs hosts against
# it through pkg-config and through find_package, and checks the installed files and the exported
# symbols.
set -e
build=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

fail() {
	echo "FAILED: $*"
	exit 1
}
# prints WANTED COMMAND...
prints() {
	want=$1
	shift
	got=$("$@") || fail "$* ended with status $?"
	[ "$got" = "$want" ] || fail "$* printed '$got', not '$want'"
}

cmake --install "$build" --prefix "$root" >"$work/log" || { cat "$work/log"; exit 1; }
pc=$(find "$root" -name vsp.pc)
lib=$(dirname "$(dirname "$pc")")
prints "vspc $(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")" "$root/bin/vspc" --version
for file in include/vsp/vsp.h include/vsp/vsp_aot.h include/vsp/vsp_provider.h include/vsp/guest.h share/man/man1/vspc.1 share/bash-completion/completions/vspc; do
	[ -f "$root/$file" ] || fail "$file is not installed"
done
[ -z "$(find "$root" -name 'libvsp-aot*')" ] || [ -f "$root/share/vsp/vsp.mjs" ] || fail "vsp.mjs is not installed"
bash -n "$root/share/bash-completion/completions/vspc" || fail "the completion is no bash"

# pkg-config
export PKG_CONFIG_PATH="${pc%/*}"
export LD_LIBRARY_PATH="$lib"
cc -Wall -Wextra -Werror -std=c11 "$here/host.c" $(pkg-config --cflags --libs vsp) -o "$work/shared"
prints 42 "$work/shared"
cc -Wall -Wextra -Werror -std=c11 "$here/host.c" $(pkg-config --cflags vsp) "$lib/libvsp.a" $(pkg-config --libs --static vsp | sed 's/-lvsp//') \
	-o "$work/static"
prints 42 env -u LD_LIBRARY_PATH "$work/static"
c++ -Wall -Wextra -Werror -std=c++11 "$here/host.cpp" $(pkg-config --cflags --libs vsp) -o "$work/cxx"
prints 15 "$work/cxx"

# find_package
cmake -S "$here/cmake_host" -B "$work/host" -DCMAKE_PREFIX_PATH="$root" >"$work/log" 2>&1 &&
	cmake --build "$work/host" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
prints 42 "$work/host/host_shared"
prints 42 env -u LD_LIBRARY_PATH "$work/host/host_static"
prints 15 "$work/host/host_cxx"

# vspc finds its compiler whichever way it is called, without a run path, through which the loader
# would look for the C library as well.
cat >"$work/sum.sil" <<'END'
.func main() -> 0
	MOVI R0, 0
	MOVI R1, 100
next:	ADD R0, R0, R1
	ADDI R1, R1, -1
	BNZ R1, next
	SYSCALL 2
	RET
.end
END
# compiles VSPC: by --stats the highest tier of main is 2
compiles() {
	(cd "$work" && "$1" --run sum.sil --tier=2 --sync-compile --stats >out 2>&1) || { cat "$work/out"; fail "$1 ended with an error"; }
	grep -q '^highest tier  2 ' "$work/out" || { cat "$work/out"; fail "$1 does not find the compiler"; }
}
if [ -n "$(find "$root" -name 'libvsp-llvm*')" ]; then
	ln -s "$root/bin/vspc" "$work/link"
	compiles "$root/bin/vspc"
	compiles ./link
	(PATH="$root/bin:$PATH" && compiles vspc)
fi
# A host that contains libvsp, is started by a relative name, and changes its folder: a file with
# the compiler's name there is not opened.
if [ -n "$(find "$root" -name 'libvsp-llvm*')" ]; then
	mkdir -p "$work/elsewhere" "$work/changes/lib"
	cat >"$work/evil.c" <<'END'
#include <unistd.h>
__attribute__((constructor)) static void begin(void) { _exit(write(1, "the current folder's code runs\\n", 31) ? 99 : 98); }
END
	cc -shared -fPIC "$work/evil.c" -o "$work/elsewhere/libvsp-llvm.so"
	cp "$work/elsewhere/libvsp-llvm.so" "$work/changes/lib/"
	cat >"$work/changes.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vsp/vsp.h>
int main(int argc, char **argv)
{
	static const char source[] = ".func f\nMOVI R0, 100000\nl: ADD R0, -1\nBNZ R0, l\nHLT\n.end\n";
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.sync_compile = 1;
	if (argc < 2 || chdir(argv[1]))
		return 1;
	vsp_status check = vsp_compiler_check(&error);
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	vsp_run(instance, &error);
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_stats(instance, &stats);
	printf("%s, %s, %s\n", vsp_status_name(check), stats.tier ? "compiled" : "tier 0", *stats.reason ? "reason" : "no reason");
	return 0;
}
END
	cc -w "$work/changes.c" $(pkg-config --cflags vsp) "$lib/libvsp.a" $(pkg-config --libs --static vsp | sed 's/-lvsp//') -o "$work/changes/host"
	unset LD_LIBRARY_PATH
	cd "$work/changes"
	prints "VSP_E_UNSUPPORTED, tier 0, reason" ./host "$work/elsewhere"
	VSP_LIBRARY_DIR=../elsewhere prints "VSP_E_UNSUPPORTED, tier 0, reason" ./host "$work/elsewhere"
	VSP_LIBRARY_DIR=$lib prints "VSP_OK, compiled, no reason" ./host "$work/elsewhere"
	mkdir -p "$root/bin/deeper" && cp host "$root/bin/host" && cd "$root/bin"
	prints "VSP_OK, compiled, no reason" ./host "$work/elsewhere"
	cd "$work"
	export LD_LIBRARY_PATH="$lib"
fi
if command -v readelf >/dev/null; then
	! readelf -d "$root/bin/vspc" | grep -E 'RPATH|RUNPATH' || fail "vspc has a run path"
	for object in "$root/bin/vspc" "$lib/libvsp.so"; do # LLVM is opened when it is first needed
		! readelf -d "$object" | grep NEEDED | grep -Ei 'llvm|stdc\+\+|vsp-' || fail "$object needs the compiler to start"
	done
fi

# The shared library exports the API and the symbols that gdb looks for, and nothing else, and needs
# the C library alone.
other=$(nm -D --defined-only "$lib/libvsp.so" | awk '{ print $3 }' | grep -v '^__jit_debug_' | while read -r name; do
	cat "$root/include/vsp/vsp.h" "$root/include/vsp/vsp_provider.h" | grep -qw "$name" || echo "$name"
done)
[ -z "$other" ] || fail "libvsp.so also exports $other"
missing=$(sed -n 's/^VSP_API .*[ *]\(vsp_[a-z0-9_]*\)(.*/\1/p' "$root/include/vsp/vsp.h" | while read -r name; do
	nm -D --defined-only "$lib/libvsp.so" | grep -qw "$name" || echo "$name"
done)
[ -z "$missing" ] || fail "libvsp.so lacks $missing"
echo "installed into a folder of its own: all hosts work"
