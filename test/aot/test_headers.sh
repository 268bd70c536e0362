# The public headers, and those that --aot makes, compile without a warning in C and C++: sh
# test_headers.sh VSPC.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
common="-fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wundef -Wunused-macros -I$source/include -I."
c="-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wc++-compat"
cpp="-Wold-style-cast -Wuseless-cast -Wzero-as-null-pointer-constant -Wno-unknown-warning-option"

aot "$source/examples/hosts/energy.sil" -o plain.h
aot --aot-prefix=a_ "$source/examples/hosts/energy.sil" -o prefixed.h
# what is exported of a preloaded module, as library.get, is no name in C and has no symbol
aot --aot-prefix=c_ --preload="library=$source/test/wasm/library.wasm" "$source/test/wasm/linked.wasm" -o linked.h
grep -q c_both linked.h || fail "linked.h lacks c_both"
! grep -q 'library' linked.h || fail "linked.h has a name of the preloaded module"
aot --aot-prefix=b_ "$source/examples/hosts/energy.sil" -o other.h
for header in vsp/vsp.h vsp/vsp_aot.h plain.h prefixed.h linked.h; do
	echo "#include <$header>" >"alone_$(basename "$header" .h).c" # nothing before it
done

# try COMPILER LANGUAGE STANDARD WARNINGS
try() {
	command -v "$1" >/dev/null || return 0
	tried="$tried $1-$3"
	for file in alone_*.c "$here/headers.c"; do
		message=$("$1" -x "$2" "-std=$3" $common $4 "$file" 2>&1) || fail "$1 -std=$3 $file: $message"
	done
}
tried=
for compiler in clang-22 gcc; do
	for standard in c11 c17; do
		try $compiler c $standard "$c"
	done
	for standard in c++11 c++17 c++20; do
		try $compiler c++ $standard "$cpp"
	done
done
echo "compiled with$tried"
finish
