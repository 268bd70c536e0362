#!/bin/sh
# test_zip.sh BUILD: makes the .zip of a build for Windows, unpacks it, and uses what is in it under
# Wine: vspc.exe with an example, and libvsp.dll with a host that is compiled against the headers
# and the import library there.
set -e
build=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
export WINEPREFIX="${WINEPREFIX:-$source/build/wine}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAILED: $*"; exit 1; }

cpack -G ZIP --config "$build/CPackConfig.cmake" -B "$work" >cpack.log || { cat cpack.log; fail "cpack"; }
name=vsp-$version-windows-amd64
[ -e $name.zip ] || fail "there is no $name.zip"
cmake -E tar xf $name.zip
for file in bin/vspc.exe bin/libvsp.dll lib/libvsp.dll.a lib/libvsp.a include/vsp/vsp.h; do
	[ -e "$name/$file" ] || fail "$file is not in the .zip"
done
for file in bin/vspc.exe bin/libvsp.dll; do
	x86_64-w64-mingw32-objdump -p $name/$file | sed -n 's/.*DLL Name: //p' | grep -Eiv '^(kernel32|msvcrt|advapi32)\.dll$' &&
		fail "$file needs DLLs beyond the system's"
done

# The names that libvsp.dll shows are those of the public headers, and all of them.
sed -n 's/^VSP_API [^(]*[ *]\([a-z_0-9]*\)(.*/\1/p' "$source/include/vsp/vsp.h" "$source/include/vsp/vsp_provider.h" | sort >wanted
x86_64-w64-mingw32-objdump -p $name/bin/libvsp.dll |
	sed -n 's/^[[:space:]]*\[ *[0-9]*\] \(+base\[ *[0-9]*\] *[0-9a-f]* *\)\{0,1\}\([A-Za-z_][A-Za-z_0-9]*\)$/\2/p' | sort >shown
[ -s wanted ] || fail "no names in vsp.h"
diff wanted shown || fail "libvsp.dll shows other names than the headers (<: wanted, >: shown)"

wine=$source/tools/wine.sh
found=$("$wine" $name/bin/vspc.exe --version | tr -d '\r')
[ "$found" = "vspc $version" ] || fail "vspc.exe says '$found', not 'vspc $version'"
found=$("$wine" $name/bin/vspc.exe "$source/examples/fibonacci.sil")
[ "$found" = 75025 ] || fail "fibonacci.sil printed '$found', not 75025"
clang-22 --target=x86_64-w64-mingw32 -fuse-ld=lld -I$name/include "$source/examples/host.c" -L$name/lib -lvsp.dll -o $name/bin/host.exe ||
	fail "a host cannot be linked with libvsp.dll"
clang-22 --target=x86_64-w64-mingw32 -fuse-ld=lld -I$name/include "$source/examples/host.c" -o static.exe $name/lib/libvsp.a $(sed -n 's/^Libs.private: //p' $name/lib/pkgconfig/vsp.pc) ||
	fail "a host cannot be linked with libvsp.a"
"$wine" $name/bin/host.exe "$source/examples/host.sil" | grep -q 'energy of 10 samples: 285' || fail "the host with libvsp.dll"
"$wine" ./static.exe "$source/examples/host.sil" | grep -q 'energy of 10 samples: 285' || fail "the host with libvsp.a"
