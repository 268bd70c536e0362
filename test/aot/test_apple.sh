# Compiling for macOS without its SDK: sh test_apple.sh VSPC. Formats, names and the symbols needed
# from the system are checked, and LLVM's linker makes shared objects and executables of the
# objects, with a libSystem that has the names of the declarations in aot/apple. Nothing is run.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
tools=/usr/lib/llvm-22/bin
PATH=$PATH:$tools
needs llvm-readobj llvm-nm llvm-ar ld64.lld clang-22
unset VSP_SYSROOT

# Symbols that the runtime may need.
names=$("$source/tools/macos_sdk.sh" --names "$source/aot/apple")
"$source/tools/macos_sdk.sh" "$source/aot/apple" sdk

# Programs with all there is: floats, printing, batches, threads.
cp "$source/examples/hosts/energy.sil" "$source/examples/matmul.sil" "$source/examples/word_count.sil" "$source/examples/emergence.sil" "$source/test/wasi/grants.sil" "$source/test/aot/team.sil" .
for machine in arm64:Arm64 x86_64:X86-64; do
	cpu=${machine%:*}
	target=$cpu-apple-macosx
	for kind in .o .a; do
		again energy_$cpu$kind energy.sil
	done
	llvm-readobj --file-header energy_$cpu.o >header
	for text in "Format: Mach-O" "CpuType: ${machine#*:} " "FileType: Relocatable"; do
		holds "header of energy_$cpu.o" header "$text"
	done
	llvm-readobj --macho-version-min energy_$cpu.o | grep -q 'Version: 1[01]\.' || fail "energy_$cpu.o names no version of macOS"
	for library in energy_$cpu.o energy_$cpu.a; do
		same "names that $library shows" "$(energy_names _)" "$(llvm-nm --extern-only --defined-only $library | sed -n 's/^[0-9a-f]* . //p' | sort | tr '\n' ' ')"
	done
	same "index of energy_$cpu.a" "$(energy_names _)" "$(llvm-nm -M energy_$cpu.a | sed -n 's/ in program.o$//p' | sort | tr '\n' ' ')"
	same "members of energy_$cpu.a" program.o "$(llvm-ar t energy_$cpu.a)"
	for program in energy matmul word_count emergence grants team; do
		aot $program.sil -o $program.o
		unknown=$(llvm-nm -u --format=just-symbols $program.o | sed 's/^_//' | grep -vxF -- "$names")
		[ -z "$unknown" ] || fail "$program.o for $cpu needs" $unknown
		# As a user's linker would: nothing is missing, and the code stays together although
		# uncalled functions are removed.
		ld64.lld -arch $cpu -platform_version macos 11.0 11.0 -dylib -dead_strip -all_load $program.o -lSystem -L sdk/usr/lib -o $program.dylib ||
			fail "$program.o for $cpu cannot be linked"
	done
	llvm-nm -u team.o | grep -q _pthread_create || fail "team.o for $cpu starts no threads"
	llvm-nm -n energy_$cpu.o | grep -o ' [tT] .*' >code
	grep -A100 -- "_vsp_frame_call" code | grep -q _vsp_frame_leave || fail "vsp_frame_leave is before vsp_frame_call"

done
# An SDK and a linker give the rest.
target=arm64-apple-macosx
VSP_SYSROOT=$work/sdk aot energy.sil -o energy.so
VSP_SYSROOT=$work/sdk aot matmul.sil -o matmul_program
for name in aarch64-apple-darwin=darwin20 arm64-apple-ios=ios14.0 x86_64-apple-macos=macos10.13 arm64-apple-macosx12=macosx12; do
	target=${name%=*}
	aot energy.sil -o version.ll
	grep -q "target triple = \".*-apple-${name#*=}" version.ll || fail "the version of $target: $(grep triple version.ll)"
done
# Without the SDK nothing is linked, and what is missing is named.
refused "needs the SDK of macOS: VSP_SYSROOT names its folder" --aot --target=arm64-apple-macosx matmul.sil -o refused
# Processors, for programs that check for their features at the start.
target=arm64-apple-macosx
aot --mcpu=apple-m2 energy.sil -o m2.o
llvm-nm -u m2.o | grep -q _sysctlbyname || fail "a program for one processor does not look which it has"

# The declarations agree with the known layouts of the system, and C++'s rules do not matter.
for cpu in arm64 x86_64; do
	for header in "$source"/aot/apple/*.h "$source"/aot/apple/*/*.h; do
		echo "#include <${header#"$source"/aot/apple/}>" |
			clang-22 --target=$cpu-apple-macosx -std=c11 -Wall -Wextra -Werror -nostdlibinc -isystem "$source/aot/apple" -x c -fsyntax-only - ||
			fail "$header for $cpu"
	done
done
finish
