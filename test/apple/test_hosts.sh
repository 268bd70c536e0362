# vspc and libvsp for macOS as files: sh test_hosts.sh CPU VSPC LIBVSP.dylib LIBVSP.a. What they
# are, what the loader is told, and that of the system they need nothing but what is declared.
cpu=$1 vspc=$2 dylib=$3 archive=$4
source=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$PATH:/usr/lib/llvm-22/bin
for tool in llvm-readobj llvm-nm llvm-objdump; do
	command -v $tool >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
done
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT
failures=0
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
# holds FILE TEXT: the file, of which there is a listing, has a line that begins with the text.
holds() { grep -qE "^ *$2" "$folder/$1" || fail "$1 has no '$2'"; }
lacks() { ! grep -qE "^ *$2" "$folder/$1" || fail "$1 has '$2'"; }

case $cpu in
arm64) type=Arm64 ;;
x86_64) type=X86-64 ;;
esac
llvm-objdump --macho --private-headers "$vspc" >"$folder/vspc.loads" || fail "the load commands of vspc"
llvm-objdump --macho --private-headers "$dylib" >"$folder/libvsp.loads" || fail "the load commands of libvsp"
llvm-readobj --file-header "$vspc" >"$folder/vspc.header" || fail "the header of vspc"
llvm-readobj --file-header "$dylib" >"$folder/libvsp.header" || fail "the header of libvsp"
holds vspc.header 'FileType: Executable'
holds libvsp.header 'FileType: DynamicLibrary'
for name in vspc libvsp; do
	holds $name.header 'Format: Mach-O'
	holds $name.header "CpuType: $type "
	holds $name.loads 'platform macos'
	holds $name.loads 'minos 11.0'
	# The only library is the system's.
	libraries=$(awk '/cmd LC_LOAD_DYLIB/ { wanted = 1 } wanted && $1 == "name" { print $2; wanted = 0 }' "$folder/$name.loads")
	[ "$libraries" = /usr/lib/libSystem.B.dylib ] || fail "$name is linked with" $libraries
	lacks $name.loads 'cmd LC_LOAD_WEAK_DYLIB'
done
holds vspc.loads 'cmd LC_MAIN'
holds libvsp.loads 'name @rpath/libvsp.2.dylib'
holds vspc.header 'MH_PIE'
# Apple silicon runs nothing without a signature.
if [ "$cpu" = arm64 ]; then
	holds vspc.loads 'cmd LC_CODE_SIGNATURE'
	holds libvsp.loads 'cmd LC_CODE_SIGNATURE'
fi

"$source/tools/macos_sdk.sh" --names "$source/aot/apple" | sed 's/^/_/' >"$folder/known"
echo dyld_stub_binder >>"$folder/known"
for file in "$vspc" "$dylib"; do
	llvm-nm -u --format=just-symbols "$file" >"$folder/needed" || fail "the names that $file needs"
	[ "$(wc -l <"$folder/needed")" -gt 50 ] || fail "$file needs few names"
	unknown=$(grep -vxFf "$folder/known" "$folder/needed")
	[ -z "$unknown" ] || fail "$file needs" $unknown
done
# Files are asked for with 64 bits.
if [ "$cpu" = x86_64 ]; then
	grep -qx '_fstat$INODE64' "$folder/needed" || fail "fstat is the old one"
	! grep -qxE '_(stat|fstat|lstat|fstatat|readdir|opendir|fdopendir)' "$folder/needed" || fail "functions for old layouts are called"
fi
# What hosts call is shown, and nothing else.
llvm-nm --extern-only --defined-only --format=just-symbols "$dylib" | sort >"$folder/shown"
others=$(grep -vE '^_(vsp_|__jit_debug_)' "$folder/shown")
[ -z "$others" ] || fail "libvsp shows" $others
for name in _vsp_instantiate _vsp_module_load _vsp_run _vsp_wasi_new; do
	grep -qx $name "$folder/shown" || fail "libvsp does not show $name"
done
members=$(llvm-nm --defined-only --format=just-symbols "$archive" 2>/dev/null | grep -cE '^_vsp_(plat_protect|code_reserve|file_open)')
[ "$members" -gt 1 ] || fail "libvsp.a lacks the platform"
[ "$failures" = 0 ] && echo "vspc and libvsp for macOS on $cpu: all as it should be"
exit $((failures != 0))
