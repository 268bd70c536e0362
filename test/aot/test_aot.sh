# Compiling ahead of time from the command line: sh test_aot.sh VSPC.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"

write_first
cp "$source/examples/hosts/energy.sil" .

for kind in .so .o .a .ll .bc .s .h ''; do
	again "first$kind" first.sil
done
same "output of the executable" 15 "$(./first)"
for level in 0 1 2 3; do
	"$vspc" --aot -O$level first.sil -o level || fail "-O$level"
	same "output at -O$level" 15 "$(./level)"
done
"$vspc" --aot --mcpu=native first.sil -o native && same "output with --mcpu=native" 15 "$(./native)"
"$vspc" --aot --bounds=explicit --no-signals first.sil -o plain && same "output without signals" 15 "$(./plain)"

# Features beyond the baseline are in the descriptor, which the program checks before it runs.
case $(uname -m) in x86_64)
	"$vspc" --aot --mcpu=haswell first.sil -o haswell.ll && grep -q 'c"sse3,.*avx2,.*bmi2' haswell.ll || fail "features of haswell"
	"$vspc" --aot first.sil -o baseline.ll && ! grep -q 'c"sse3' baseline.ll || fail "features of the baseline"
	;;
esac

# No symbol but the documented ones.
"$vspc" --aot energy.sil -o energy.so || fail energy.so
if command -v nm >/dev/null; then
	found=$(nm -D --defined-only energy.so | sed 's/.* //' | grep -v '^_' | sort | tr '\n' ' ')
	same "dynamic symbols" "$(energy_names)" "$found"
	[ -z "$(nm -D --undefined-only energy.so | grep -i vsp)" ] || fail "energy.so needs symbols of libvsp"
fi

# Other targets give IR and assembly.
for other in i686-linux-gnu mips-linux-gnu s390x-linux-gnu armv7-linux-gnueabihf aarch64-linux-gnu riscv64-linux-gnu x86_64-w64-mingw32 arm64-apple-macos; do
	aot --target=$other energy.sil -o other.s && [ -s other.s ] || fail "assembly for $other"
done
# Linked outputs replace ordinary files only: a device or a pipe would be lost.
mkdir folder
mkfifo pipe
refused "cannot write 'pipe': it is no ordinary file" --aot first.sil -o pipe
[ -p pipe ] || fail "the pipe was replaced"
refused "cannot write 'folder': Is a directory" --aot first.sil -o folder
refused "cannot write '/nosuch/x.so': No such file or directory" --aot first.sil -o /nosuch/x.so
if command -v llc-22 >/dev/null; then # the build asked it which names there are
	refused "'nosuch' is no processor of 'x86_64" --aot --target=x86_64-linux-gnu --mcpu=nosuch first.sil -o refused.o
	refused "'i486' is no processor of 'x86_64" --aot --target=x86_64-linux-gnu --mcpu=i486 first.sil -o refused.o
	refused "'+nosuch' is no feature of 'x86_64" --aot --target=x86_64-linux-gnu --mattr=+avx2,+nosuch first.sil -o refused.o
	refused "'avx2' is no feature of 'x86_64" --aot --target=x86_64-linux-gnu --mattr=avx2 first.sil -o refused.o
fi
refused "cannot write '': No such file or directory" --aot first.sil -o ''
refused "no system like" --aot --target=riscv64-unknown-elf energy.sil -o refused.so
for other in s390x-linux-gnu armv7-linux-gnueabihf wasm32-wasi; do
	refused "there are no guard pages on '${other%%-*}-" --aot --target=$other --bounds=guard energy.sil -o refused.s
done
refused "pointers" --aot --target=msp430 energy.sil -o refused.s
refused "suffix" --aot energy.sil -o refused.exotic
refused "no target" --aot --target=nonsense energy.sil -o refused.s
refused "--bounds=explicit" --aot --no-signals energy.sil -o refused.so
refused "is no value for '-O'" --aot -O7 energy.sil -o refused.so
refused "needs '-o OUT'" --aot energy.sil
for option in --time-passes --trace=refused.json --perf --stats --regs --dump=json --emit-llvm=refused.ll --cache=refused.cache; do
	refused "'${option%%=*}' needs a run, and '--aot' is none" --aot "$option" first.sil -o refused.o
done
printf '.export f as "free"\n.func f() -> 0\n\tRET\n.end\n' >free.sil
refused ".export free as" --aot free.sil -o refused.so

# Device code that is asked for and cannot be there, or never be used.
refused "has no instruction that a GPU runs" --aot --gpu=on first.sil -o refused.so
refused "is no value for '--gpu'" --aot --gpu=much first.sil -o refused.so
cp "$source/test/programs/kernel_square.sil" square.sil
refused "add --allow=gpu" --aot --gpu=on square.sil -o refused
refused "have device code" --aot --gpu=on square.sil -o refused.ll
refused "have device code" --aot --gpu=on --target=x86_64-w64-mingw32 square.sil -o refused.dll
refused "'--gpu' is for '--aot'" --gpu=on square.sil

# For a name that a library defines, by the library's own table, another one is proposed; with a
# prefix it is allowed.
taken="sysconf pthread_create pthread_self timer_create dl_iterate_phdr sigemptyset sigaction strlcpy mmap64"
for library in libc.so.6 libm.so.6 libpthread.so.0; do
	file=$("$cc" -print-file-name=$library)
	[ -e "$file" ] && command -v nm >/dev/null || continue
	taken="$taken $(nm -D --defined-only "$file" | sed 's/@.*//; s/.* //' | grep '^[a-z]' | sort -u | awk 'NR % 90 == 1')"
done
for name in $taken; do
	printf '\t.export f as "%s"\n\t.func f() -> 0\n\tRET\n\t.end\n' "$name" >taken.sil
	refused "use '.export $name as \"silc_$name\"'" --aot taken.sil -o refused.h
done
aot --aot-prefix=my_ taken.sil -o taken.h
holds "a name of the C library behind a prefix" taken.h "my_$name("
printf '.export f as "cpy"\n.func f() -> 0\n\tRET\n.end\n' >half.sil
refused "cannot be the symbol 'memcpy', which is reserved" --aot --aot-prefix=mem half.sil -o refused.o
refused "cannot be the symbol '_cpy', which is reserved" --aot --aot-prefix=_ half.sil -o refused.h

# The linker's message and command are shown.
VSP_CC=false refused "linking failed: the linker does not say why; the command: false -shared" --aot energy.sil -o refused.so
VSP_CC=/nonexistent/cc refused "there is no '/nonexistent/cc', which VSP_CC names" --aot energy.sil -o refused.so

# A maximum of nested activations counts as in tier 0.
for depth in 1 3 4 7; do
	aot --max-depth=$depth "$source/test/programs/trap_call_depth_every_way.sil" -o deep
	./deep >deep.out 2>deep.err
	same "status at the maximum" 1 $?
	same "activations with --max-depth=$depth" "$(seq $depth)" "$(cat deep.out)"
	holds "the trap" deep.err CALL_DEPTH
done

# EMERGE is the model of that name, as in tier 0, although nothing here can run it.
printf 'x' >model.onnx
printf '.model emerge "model.onnx"\n\tEMERGE\n\tHLT\n' >emerge.sil
"$vspc" --aot --allow=models emerge.sil -o emerge || fail "a program with a model"
./emerge 2>emerge.err
same "EMERGE without a provider" "1 BACKEND" "$? $(sed -n 's/.*trap: \([A-Z]*\):.*/\1/p' emerge.err)"

# In a chain of functions, each called from one place, some stay apart: were all inlined into the
# first, every instruction would be optimised once for each function above it.
{
	printf '.func main\n\tMOVI R0, 0\n\tINVOKE f1\n\tSYSCALL 2, 0\n\tHLT\n.end\n'
	for n in $(seq 1 63); do
		printf '.func f%d(1) -> 1\n\tADDI R0, R0, 1\n\tMUL R4, R0, R0\n\tINVOKE f%d\n\tRET\n.end\n' "$n" $((n + 1))
	done
	printf '.func f64(1) -> 1\n\tADDI R0, R0, 1\n\tRET\n.end\n'
} >chain.sil
aot -O2 chain.sil -o chain.ll
apart=$(grep -c '^define internal fastcc' chain.ll)
[ "$apart" -ge 3 ] && [ "$apart" -le 8 ] || fail "$apart of a chain of 64 functions stay apart"
aot -O2 chain.sil -o chain
same "a chain of functions" 64 "$(./chain)"

# An executable has no host that could define imports other than WASI's (test_wasi.sh).
printf '.import env.f() -> 0\n\tHCALL env.f\n\tHLT\n' >imports.sil
refused "the program imports 'env.f'" --aot imports.sil -o refused

# A WebAssembly module's exports that cannot be symbols are left without; assembly's are errors.
cat >names.sil <<'SIL'
.export _vsp_entry
.func _vsp_entry
	RET
.end
.export _initialize
.func _initialize
	RET
.end
.export odd as "while"
.func odd
	RET
.end
.export twice
.func twice(1) -> 1
	ADD R0, R0
	RET
.end
.entry _vsp_entry
SIL
aot names.sil -o names.h
aot -v names.sil -o names.o 2>said.txt
holds "an export that is called by its name" said.txt "function 'while' has no symbol"
holds "an export that can be a symbol" names.h "twice("
! grep -q _initialize names.h || fail "_initialize is a symbol"
finish
