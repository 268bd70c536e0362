# Compiling for WebAssembly: sh test_wasm.sh VSPC. Status 77: tools are missing.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
needs node wasm-ld-22
run="node $source/aot/js/run.mjs"

write_first
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
# The engine's stack ends before the pending activations do: a trap that says so at every level,
# with frames large and small.
{
	printf '.func main() -> 0\n\tINVOKE wide\n\tRET\n.end\n.func wide(1) -> 1\n'
	for i in 1 2 3 4 5 6 7 8 9; do
		printf '\tADDI R%d, R0, %d\n\tINVOKE wide\n\tADD R0, R0, R%d\n' $i $i $i
	done
	printf '\tRET\n.end\n'
} >wide.sil
for program in deep wide; do
	for level in 0 2; do
		aot -O$level $program.sil -o $program.wasm
		for size in 200 984; do
			message=$(node --stack-size=$size "$source/aot/js/run.mjs" $program.wasm </dev/null 2>&1)
			same "status after a trap" 1 $?
			case $message in "$program.wasm: trap: CALL_DEPTH: "*"the machine's stack is used up"*) ;;
			*) fail "endless recursion of $program at -O$level with a stack of $size: $message" ;; esac
		done
	done
done

# WASI: streams, arguments, variables, clocks and chance, and no folders.
aot "$source/test/wasi/hello.sil" -o hello.wasm
same "output by WASI" 'first hello' "$($run hello.wasm)"
$run hello.wasm >/dev/null
same "status by WASI" 7 $?
aot "$source/test/wasi/cat.sil" -o cat.wasm
same "input by WASI" piped "$(printf piped | $run cat.wasm)"
aot --allow=clock,random --env=A=1 --env=PASSED "$source/test/wasi/grants.sil" -o grants.wasm
same "what WASI gives" "2 grants.wasm|x| 2 A=1|PASSED=on| 8 " "$(PASSED=on $run grants.wasm x | tr '\000' '|' | tr '\n' ' ')"
refused "cannot be given folders" --aot --dir=. "$source/test/wasi/hello.sil" -o refused.wasm

# From JavaScript.
aot "$source/examples/hosts/energy.sil" -o energy.wasm
same "host in JavaScript" "$hosts_print" "$(node "$source/examples/hosts/host.mjs" energy.wasm)"
mkdir js && node "$source/test/aot/test_wasm.mjs" "$vspc" js || fail "from JavaScript"

# Refused options.
refused "is made for wasm32-wasi" --aot --target=x86_64-linux-gnu first.sil -o refused.wasm
refused "refused.so.wasm" --aot --target=wasm32-wasi first.sil -o refused.so
refused "refused.wasm" --aot --target=wasm32-wasi first.sil -o refused
refused "--aot-prefix" --aot --aot-prefix=p_ first.sil -o refused.wasm
printf '.export f as "memory"\n.func f() -> 0\n\tRET\n.end\n' >memory.sil
refused "module's memory" --aot memory.sil -o refused.wasm

# A runtime that does not compile: the C library is named when a header is missing, and else the
# error.
export XDG_CACHE_HOME=$work/none
VSP_SYSROOT=/nonexistent refused "wasi-libc" --aot first.sil -o refused.wasm
printf '#!/bin/sh\necho "In file included from a.c:1:"\necho "b.h:3:1: error: no such size"\nexit 1\n' >clang
chmod +x clang
export VSP_CLANG=./clang
refused "cannot be compiled: b.h:3:1: error: no such size; VSP_CLANG" --aot first.sil -o refused.wasm

finish
