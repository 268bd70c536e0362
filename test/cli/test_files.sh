# Files: assembling, disassembling, verifying, refused files, and files left behind.
. "$(dirname "$0")/lib.sh"

expect 2 '' "vspc: error: cannot read 'none.sil': No such file or directory" "$vspc" none.sil
expect 2 '' "vspc: error: cannot read '.': Is a directory" "$vspc" .
posix expect 2 '' "vspc: error: cannot read 'standard input': Is a directory" sh -c "'$vspc' --verify - <."
expect 0 '' '' "$vspc" --asm sum.sil -o sum.silc
expect 0 '' '' "$vspc" --verify sum.silc
expect 0 '' '' "$vspc" --verify sum.sil
expect 0 '~ADD     R0, R0, R1' '' "$vspc" --dis sum.silc
expect 0 '' '' "$vspc" --dis sum.silc -o again.sil
expect 0 '' '' "$vspc" --asm again.sil -o again.silc
that "disassembly reassembles to the identical file" cmp sum.silc again.silc
that "stdin and stdout are -" sh -c "'$vspc' --dis sum.silc | '$vspc' --asm - -o - | cmp - sum.silc"

printf 'SILC\001\000' >short.silc
expect 2 '' '~vspc: error: short.silc: byte ' "$vspc" short.silc
printf 'not a module' >text.silc
expect 2 '' '~vspc: error: text.silc: byte 0: ' "$vspc" text.silc
# A 1.x file is refused with advice.
{ printf 'SILC\000\001'; head -c 58 /dev/zero; } >old.silc
expect 2 '' '~reassemble' "$vspc" old.silc
# Every truncation of a good file is refused.
size=$(wc -c <sum.silc)
for n in 0 1 4 31 32 40 $((size - 1)); do
	head -c "$n" sum.silc >cut.silc
	expect 2 '' '~vspc: error: cut.silc: byte ' "$vspc" --verify cut.silc
done

cat >bad.sil <<'END'
MOVI R0, 5
ADDD R0, R1
MOVI R77, 1
HLT
END
expect 2 '' '~bad.sil:2:1: error: ' "$vspc" --asm bad.sil -o bad.silc
expect 2 '' '~bad.sil:3:' "$vspc" --asm bad.sil -o bad.silc
that "nothing is left of a failed assembly" sh -c '! ls | grep -q "bad.silc\|tmp"'
expect 2 '' "vspc: error: cannot write 'no/such/x.silc': No such file or directory" "$vspc" --asm sum.sil -o no/such/x.silc

printf '.import env.magic(1) -> 1\n.func main\nHCALL env.magic\nHLT\n.end\n' >imports.sil
expect 2 '' "vspc: error: 'imports.sil' imports 'env.magic' (1 -> 1), which vspc does not define; run it from a host of libvsp" \
	"$vspc" imports.sil --output=untouched
that "a refused program's output file is not made" test ! -e untouched
expect 0 '' '' "$vspc" --verify imports.sil
# Preloaded modules and programs with them are read as others are. The portable platform knows no
# devices.
if [ -e "$(dirname "$vspc")/../lib/libvsp-llvm.so" ]; then
	printf '\0asm\1\0\0\0' >empty.wasm
	expect 2 '' "vspc: error: cannot read '/dev/zero': it is a device" "$vspc" imports.sil --preload a=/dev/zero
	expect 2 '' "vspc: error: cannot read '/dev/zero': it is a device" "$vspc" /dev/zero --preload a=empty.wasm
fi
# Constants nest as deep as the assembler allows, on a small stack too (a build that counts what
# runs has larger frames); immediates that push one another settle in few passes.
i=0
while [ $i -lt 190 ]; do
	echo ".const c$i = c$((i + 1)) + 1"
	i=$((i + 1))
done >nested.sil
printf '.const c190 = 5\nMOVI R0, c0\nHLT\n' >>nested.sil
expect 0 '' '' sh -c "ulimit -s ${VSP_TEST_STACK:-192}; '$vspc' --verify nested.sil"
i=0
while [ $i -lt 3000 ]; do
	echo "l$i: MOVI R0, (l$((i + 2)) - l$((i + 1)) - 3) * 99"
	i=$((i + 1))
done >pushed.sil
printf 'l3000: MOVI R0, 300\nl3001: HLT\n' >>pushed.sil
expect 0 '' '' "$vspc" --verify pushed.sil
finish
