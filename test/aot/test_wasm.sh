# Compiling for WebAssembly: sh test_wasm.sh VSPC SOURCE_FOLDER. Status 77: tools are missing.
set -u
vspc=$1 source=$2
for tool in node wasm-ld-22; do
	command -v "$tool" >/dev/null || { echo "skipped: $tool is missing" && exit 77; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
run="node $source/aot/js/run.mjs"

fail() {
	echo "FAIL: $*" >&2
	failures=$((failures + 1))
}

# same WHAT EXPECTED FOUND
same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }

aot() { "$vspc" --aot "$@" || fail "$*"; }

# refused TEXT ARGS...: vspc ends with status 2, a message that contains TEXT, and writes nothing.
refused() {
	text=$1
	shift
	message=$("$vspc" --aot "$@" 2>&1)
	same "status of $*" 2 $?
	case $message in *"$text"*) ;; *) fail "$*: '$message' does not contain '$text'" ;; esac
	[ -z "$(ls | grep '^refused')" ] || fail "$*: leaves files"
}

printf '\tMOVI R0, 5\n\tMOVI R1, 10\n\tADD R0, R1\n\tSYSCALL 2\n\tHLT\n' >first.sil
for level in 0 1 2 3; do
	aot -O$level first.sil -o first.wasm
	same "output at -O$level" 15 "$($run first.wasm)"
done
aot first.sil -o first.wasm
aot --target=wasm32-wasi first.sil -o again.wasm
cmp first.wasm again.wasm || fail "the same input gives other bytes"
for kind in .ll .bc .s .o .a; do
	aot --target=wasm32-wasi first.sil -o "first$kind"
done
aot --mattr=+simd128 first.sil -o simd.wasm && same "output with SIMD" 15 "$($run simd.wasm)"
aot --deterministic --precise-traps --fuel=1000 --max-depth=10 first.sil -o limits.wasm && same "output with limits" 15 "$($run limits.wasm)"

# A command: arguments, input, status, traps.
cat >command.sil <<'END'
.func main() -> 0
	SYSCALL 0x10
	SYSCALL 2
	SYSCALL 8
	SYSCALL 2
	MOVI R0, 3
	SYSCALL 0
	RET
.end
END
aot command.sil -o command.wasm
found=$(echo 42 | $run command.wasm a b)
same "status of a command" 3 $?
same "output of a command" 242 "$found"
printf '.func main() -> 0\n\tSYSCALL 8\n\tINVOKE deep\n\tRET\n.end\n.func deep(1) -> 1\n\tINVOKE deep\n\tADDI R0, R0, 1\n\tRET\n.end\n' >deep.sil
aot deep.sil -o deep.wasm
message=$($run deep.wasm </dev/null 2>&1)
same "status after a trap" 1 $?
case $message in "deep.wasm: trap: CALL_DEPTH: "*) ;; *) fail "endless recursion: $message" ;; esac

# From JavaScript.
aot "$source/examples/hosts/energy.sil" -o energy.wasm
same "host in JavaScript" 'sum of squares: 385
scaled: 30
trapped: integer division by zero in divide' "$(node "$source/examples/hosts/host.mjs" energy.wasm)"
mkdir js && node "$source/test/aot/test_wasm.mjs" "$vspc" js || fail "from JavaScript"

# What cannot be.
refused "is made for wasm32-wasi" --target=x86_64-linux-gnu first.sil -o refused.wasm
refused "refused.so.wasm" --target=wasm32-wasi first.sil -o refused.so
refused "refused.wasm" --target=wasm32-wasi first.sil -o refused
refused "--aot-prefix" --aot-prefix=p_ first.sil -o refused.wasm
printf '.export f as "memory"\n.func f() -> 0\n\tRET\n.end\n' >memory.sil
refused "module's memory" memory.sil -o refused.wasm
message=$(VSP_SYSROOT=/nonexistent XDG_CACHE_HOME=$work/none "$vspc" --aot first.sil -o refused.wasm 2>&1)
same "status without a C library" 2 $?
case $message in *wasi-libc*) ;; *) fail "without a C library: $message" ;; esac

[ $failures -eq 0 ] && echo "all as expected"
exit $failures
