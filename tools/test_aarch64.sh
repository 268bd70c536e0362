#!/bin/sh
# Builds VSP with its compiler for 64-bit ARM Linux and runs it under QEMU:
#
#     tools/test_aarch64.sh                 every test program in every tier and from the code
#                                           cache, and random programs; by hand, after
#                                           ./setup, since LLVM under an emulator takes a
#                                           quarter of an hour
#     tools/test_aarch64.sh --quick FILE... these programs in tiers 1 and 2, all in one process;
#                                           a test of the preset release. Status 77:
#                                           something that it needs is missing
#
# The first run fetches Debian's LLVM for that machine into build/aarch64-llvm; nothing is
# installed.
set -e
cd "$(dirname "$0")/.."
top=$(pwd)
work=$top/build/aarch64-llvm
root=$work/root
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/packages" "$root"

packages='libllvm22 llvm-22-dev libz3-4 libxml2 libedit2 libtinfo6 zlib1g libzstd1 libffi8 libicu72 liblzma5 libbsd0 libmd0 libstdc++6 libgcc-s1
	libcmocka0 libcmocka-dev'

# apt for another machine, with lists and a cache of its own.
foreign_apt() {
	apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
		-o Dir::State::status=/dev/null -o APT::Sandbox::User= "$@"
}

# Without the network, or without the packages, there is nothing to test: status 77.
not_fetched() {
	cat "$work/apt.log"
	echo "skipped: Debian's LLVM for arm64 cannot be fetched"
	exit 77
}

fetch() {
	command -v apt-get >/dev/null || { echo "skipped: there is no apt-get to fetch LLVM for arm64 with"; exit 77; }
	foreign_apt update >"$work/apt.log" 2>&1 || not_fetched
	# shellcheck disable=SC2086
	(cd "$work/packages" && foreign_apt download $packages) >"$work/apt.log" 2>&1 || not_fetched
	for package in "$work"/packages/*.deb; do
		dpkg -x "$package" "$root"
	done
	touch "$root/complete"
}

# Answers CMake's questions to llvm-config; the other machine's does not run here.
write_llvm_config() {
	version=$(sed -n 's/^#define LLVM_VERSION_STRING "\(.*\)"$/\1/p' "$root/usr/include/llvm-22/llvm/Config/llvm-config.h")
	cat >"$work/llvm-config" <<EOF
#!/bin/sh
case "\$*" in
--version) echo $version ;;
--includedir) echo $work/include ;;
--targets-built) echo AArch64 ;;
--libdir) echo $root/usr/lib/aarch64-linux-gnu ;;
"--libs --link-shared") echo -lLLVM-22 ;;
*) exit 1 ;;
esac
EOF
	chmod +x "$work/llvm-config"
	mkdir -p "$work/include"
	ln -sfn "$root/usr/include/llvm-22/llvm" "$work/include/llvm"
	ln -sfn "$root/usr/include/llvm-c-22/llvm-c" "$work/include/llvm-c"
}

# configure OPTION...: baseline code is the preset aarch64's business, and its table of stencils
# takes long to make.
configure() {
	PKG_CONFIG_LIBDIR=$root/usr/lib/aarch64-linux-gnu/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
		cmake -S . -B "$work/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$top/cmake/toolchains/aarch64-linux-gnu.cmake" -DVSP_ARM64_ROOT="$root" \
		-DCMAKE_BUILD_TYPE=Release -DVSP_WERROR=ON -DVSP_TESTS=ON -DVSP_LLVM=ON -DVSP_LLVM_CONFIG="$work/llvm-config" -DVSP_LLVM_LINK=SHARED \
		-DVSP_STENCIL_TABLE=none >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
}

# build TARGET...
build() {
	cmake --build "$work/build" --target "$@" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
}

# emulate NAME PROGRAM: a command that runs a program of the build.
emulate() {
	cat >"$work/$1" <<EOF
#!/bin/sh
exec qemu-aarch64 -L /usr/aarch64-linux-gnu \
	-E LD_LIBRARY_PATH=$root/usr/lib/aarch64-linux-gnu:$root/lib/aarch64-linux-gnu:$work/build/lib $work/build/$2 "\$@"
EOF
	chmod +x "$work/$1"
}

programs() {
	echo "== programs $1"
	build/release/test/run_programs --vspc "$work/vspc" --work "$work/programs" --flags "$1" --reference --tier=interp test/programs/*.sil examples/*.sil
}

for command in qemu-aarch64 clang-22 aarch64-linux-gnu-gcc; do
	command -v $command >/dev/null || { echo "skipped: there is no $command (./setup test installs it)"; exit 77; }
done
[ -f "$root/complete" ] || fetch
write_llvm_config
configure
if [ "$1" = --quick ]; then
	shift
	build vsp_jit tier_programs
	emulate tier_programs test/tier_programs
	exec "$work/tier_programs" "$@"
fi
build all
cmake --preset release >"$work/build.log" && cmake --build --preset release --target run_programs >"$work/build.log" || { cat "$work/build.log"; exit 1; }
emulate vspc bin/vspc
emulate differential test/differential
mkdir -p "$work/programs"
for flags in "--tier=interp" "--tier=1 --sync-compile" "--tier=2 --sync-compile" "--tier1-threshold=1 --tier2-threshold=2 --sync-compile"; do
	programs "$flags"
done
echo "== programs from the code cache"
VSP_TEST_TIMEOUT=300s sh test/llvm/test_cache.sh "$work/vspc"
echo "== random programs"
"$work/differential" --count 60 --size 30 --sample 1
