# Compiling ahead of time from the command line: sh test_aot.sh VSPC SOURCE_FOLDER. Runs in a folder of its own.
set -u
vspc=$1 source=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
cc=${CC:-cc}

fail() {
	echo "FAIL: $*" >&2
	failures=$((failures + 1))
}

# same WHAT EXPECTED FOUND
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }

# refused TEXT ARGS...: vspc ends with status 2, a message that contains TEXT, and writes nothing.
refused() {
	text=$1
	shift
	message=$("$vspc" "$@" 2>&1)
	same "status of $*" 2 $?
	case $message in *"$text"*) ;; *) fail "$*: '$message' does not contain '$text'" ;; esac
}

cat >first.sil <<'END'
	MOVI R0, 5
	MOVI R1, 10
	ADD  R0, R1
	SYSCALL 2
	HLT
END
cp "$source/examples/hosts/energy.sil" .

for kind in .so .o .a .ll .bc .s .h ''; do
	"$vspc" --aot first.sil -o "first$kind" || fail "first$kind"
	"$vspc" --aot first.sil -o "again$kind" || fail "again$kind"
	cmp "first$kind" "again$kind" || fail "first$kind: the same input gives other bytes"
done
same "output of the executable" 15 "$(./first)"
for level in 0 1 2 3; do
	"$vspc" --aot -O$level first.sil -o level || fail "-O$level"
	same "output at -O$level" 15 "$(./level)"
done
"$vspc" --aot --mcpu=native first.sil -o native && same "output with --mcpu=native" 15 "$(./native)"
"$vspc" --aot --bounds=explicit --no-signals first.sil -o plain && same "output without signals" 15 "$(./plain)"

# Features beyond the baseline are in the descriptor, where the program looks before it runs.
case $(uname -m) in x86_64)
	"$vspc" --aot --mcpu=haswell first.sil -o haswell.ll && grep -q 'c"sse3,.*avx2,.*bmi2' haswell.ll || fail "features of haswell"
	"$vspc" --aot first.sil -o baseline.ll && ! grep -q 'c"sse3' baseline.ll || fail "features of the baseline"
	;;
esac

# No symbol but the documented ones.
"$vspc" --aot energy.sil -o energy.so || fail energy.so
if command -v nm >/dev/null; then
	found=$(nm -D --defined-only energy.so | sed 's/.* //' | grep -v '^_' | sort | tr '\n' ' ')
	expected=$({
		sed -n 's/^PUBLIC(\(.*\))$/\1/p' "$source/aot/public.def"
		printf '%s\n' divide scale sum_squares
	} | sort | tr '\n' ' ')
	same "dynamic symbols" "$expected" "$found"
	[ -z "$(nm -D --undefined-only energy.so | grep -i vsp)" ] || fail "energy.so needs symbols of libvsp"
fi

# Hosts.
include=$source/include
expected='sum of squares: 385
scaled: 30
trapped: integer division by zero in divide'
"$cc" -I"$include" "$source/examples/hosts/dlopen.c" -o dlopen_host -ldl && same "C with dlopen" "$expected" "$(./dlopen_host ./energy.so)"
"$vspc" --aot energy.sil -o energy.h && "$vspc" --aot energy.sil -o energy.a && "$vspc" --aot energy.sil -o energy.o
for library in energy.a energy.o; do
	"$cc" -I"$include" -I. "$source/examples/hosts/static.c" $library -lm -pthread -o static_host &&
		same "C with $library" "$expected" "$(./static_host)"
done
if command -v c++ >/dev/null; then
	c++ -Wall -Wextra -Werror -x c++ -I"$include" -I. "$source/examples/hosts/static.c" -x none energy.a -lm -pthread -o cpp_host &&
		same "C++" "$expected" "$(./cpp_host)"
fi
if command -v python3 >/dev/null; then
	same "Python" "$(echo "$expected" | sed 's/ in divide//')" "$(python3 "$source/examples/hosts/host.py" ./energy.so)"
fi

# A prefix lets two programs into one link.
"$vspc" --aot --aot-prefix=one_ energy.sil -o one.o && "$vspc" --aot --aot-prefix=two_ energy.sil -o two.o
cat >two.c <<'END'
#include <vsp/vsp_aot.h>
extern const vsp_aot_descriptor one_vsp_aot_module, two_vsp_aot_module;
int main(void) { return one_vsp_aot_module.program_hash == two_vsp_aot_module.program_hash ? 0 : 1; }
END
"$cc" -I"$include" two.c one.o two.o -lm -pthread -o two && ./two || fail "two programs in one link"

# A host of another version is refused, with both named.
cat >abi.c <<'END'
#include <stdio.h>
#include <vsp/vsp_aot.h>
int main(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	config.abi_version = 99;
	vsp_aot_instance *instance = vsp_aot_instantiate(&config, &error);
	puts(error.message);
	return instance != NULL;
}
END
"$cc" -I"$include" abi.c energy.a -lm -pthread -o abi || fail "abi"
message=$(./abi) || fail "a host of another version is accepted"
case $message in *99*version\ 1*) ;; *) fail "version message: $message" ;; esac

# Other targets give IR and assembly.
for target in i686-linux-gnu armv7-linux-gnueabihf aarch64-linux-gnu riscv64-linux-gnu x86_64-w64-mingw32 arm64-apple-macos; do
	"$vspc" --aot --target=$target energy.sil -o other.s && [ -s other.s ] || fail "--target=$target"
done
# Linked outputs replace files, never what is none: a device or a pipe would be lost.
mkdir folder
mkfifo pipe
refused "cannot write 'pipe': it is no ordinary file" --aot first.sil -o pipe
[ -p pipe ] || fail "the pipe was replaced"
refused "cannot write 'folder': Is a directory" --aot first.sil -o folder
refused "cannot write '/nosuch/x.so': No such file or directory" --aot first.sil -o /nosuch/x.so
if command -v llc-22 >/dev/null; then # the build asked it which names there are
	refused "'nosuch' is no processor of 'x86_64" --aot --target=x86_64-linux-gnu --mcpu=nosuch first.sil -o other.o
	refused "'i486' is no processor of 'x86_64" --aot --target=x86_64-linux-gnu --mcpu=i486 first.sil -o other.o
	refused "'+nosuch' is no feature of 'x86_64" --aot --target=x86_64-linux-gnu --mattr=+avx2,+nosuch first.sil -o other.o
	refused "'avx2' is no feature of 'x86_64" --aot --target=x86_64-linux-gnu --mattr=avx2 first.sil -o other.o
fi
refused "cannot write '': No such file or directory" --aot first.sil -o ''
refused "no system like" --aot --target=riscv64-unknown-elf energy.sil -o other.so
refused "pointers" --aot --target=msp430 energy.sil -o energy.s
refused "suffix" --aot energy.sil -o energy.exotic
refused "no target" --aot --target=nonsense energy.sil -o x.s
refused "--bounds=explicit" --aot --no-signals energy.sil -o x.so
refused "is no value for '-O'" --aot -O7 energy.sil -o x.so
refused "needs '-o OUT'" --aot energy.sil
printf '.export f as "free"\n.func f() -> 0\n\tRET\n.end\n' >free.sil
refused ".export free as" --aot free.sil -o free.so
[ ! -e free.so ] || fail "a refused program left an output"

# The linker's message and command are shown.
VSP_CC=false refused "linking failed: false -shared" --aot energy.sil -o x.so
VSP_CC=/nonexistent/cc refused "needs a C compiler" --aot energy.sil -o x.so
[ -z "$(ls | grep '^x')" ] || fail "a failed link left files"

# EMERGE is the model of that name, as in tier 0, although nothing here can run it.
printf 'x' >model.onnx
printf '.model emerge "model.onnx"\n\tEMERGE\n\tHLT\n' >emerge.sil
"$vspc" --aot --allow=models emerge.sil -o emerge || fail "a program with a model"
./emerge 2>emerge.err
same "EMERGE without a provider" "1 BACKEND" "$? $(sed -n 's/.*trap: \([A-Z]*\):.*/\1/p' emerge.err)"

[ $failures -eq 0 ] && echo "all as expected"
exit $failures
