#!/bin/sh
# Makes a folder that linkers take for an SDK of macOS: a libSystem without contents, whose names
# are those of the project's declarations, so that whatever else is needed stays undefined.
#     macos_sdk.sh DECLARATIONS FOLDER     DECLARATIONS: the folder aot/apple
#     macos_sdk.sh --names DECLARATIONS    prints the names, one a line, without the underscore in
#                                          front
set -e

# Functions and variables; what compilers use instead of others or without being asked to, as for
# canaries; thread-local variables.
names() {
	{
		cat "$1"/*.h "$1"/*/*.h | sed -n 's/^[A-Za-z_][^(#]*[ *]\([A-Za-z_0-9]*\)(.*/\1/p'
		cat "$1"/*.h "$1"/*/*.h | sed -n 's/.*[^e] VSP_INODE64(\([a-z]*\)).*/\1$INODE64/p'
		printf '%s\n' signal __error __stdinp __stdoutp __stderrp bzero __bzero memset_pattern16 \
			__stack_chk_fail __stack_chk_guard _tlv_bootstrap environ
	} | grep -vxE '__attribute__|' | sort -u
}

if [ "$1" = --names ]; then
	names "$2"
	exit
fi
mkdir -p "$2/usr/lib"
temporary=$2/usr/lib/libSystem.$$
cat >"$temporary" <<END
--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '/usr/lib/libSystem.B.dylib'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ $(names "$1" | sed 's/^/_/' | tr '\n' ',') dyld_stub_binder ]
...
END
mv "$temporary" "$2/usr/lib/libSystem.tbd"
for library in m pthread dl; do # parts of libSystem
	ln -sf libSystem.tbd "$2/usr/lib/lib$library.tbd"
done
