# The files that ask the system for something are compiled for macOS, against the project's
# declarations of it, on both of its processors; nothing is written: sh test_platform.sh
source=$(cd "$(dirname "$0")/../.." && pwd)
cd "$source" || exit 99
command -v clang-22 >/dev/null || { echo "skipped: there is no clang-22"; exit 77; }
failures=0
for cpu in arm64 x86_64; do
	for file in runtime/platform/posix*.c runtime/platform/macos*.c; do
		clang-22 --target=$cpu-apple-macosx11.0 -nostdlibinc -isystem aot/apple -I. -Iinclude -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
			-Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Werror -fsyntax-only "$file" ||
			{ echo "FAILED: $file for $cpu"; failures=$((failures + 1)); }
	done
done
exit $((failures != 0))
