# A program that answers each line: its output is seen before it waits for more, and at SYSCALL
# flush. With a pipe for stdout it would stay in the buffer otherwise, and the two sides would wait
# for one another.
. "$(dirname "$0")/lib.sh"

cat >answer.sil <<'END'
next:	MOVI R0, buffer
	MOVI R1, 64
	SYSCALL 7
	BLT R0, R2, end
	MOV R1, R0
	MOVI R0, buffer
	SYSCALL 1
	SYSCALL 0x0B
	JMP next
end:	HLT
.data
buffer: .space 64
END
cat >bytes.sil <<'END'
next:	IN R0, 0
	BLT R0, R2, end
	OUT R0, 0
	JMP next
end:	HLT
END
# After the flush it neither reads nor ends until it is stopped.
cat >flush.sil <<'END'
	MOVI R0, 'x'
	SYSCALL 0x0A
	SYSCALL 0x0B
	SYSCALL flush
loop:	JMP loop
END

# replies WHAT COMMAND...: one line in, one line out, twice, while the input stays open. Without a
# reply it takes ten seconds to say so.
replies() {
	what=$1
	shift
	rm -f in out
	mkfifo in out
	timeout 20 "$@" <in >out &
	exec 3>in 4<out
	for line in first second; do
		echo $line >&3
		that "$what: $line" [ "$(timeout 10 head -n 1 <&4)" = $line ]
	done
	exec 3>&- 4<&-
	wait $!
}

# flushes WHAT COMMAND...: the line is there while the program runs on.
flushes() {
	what=$1
	shift
	rm -f out
	mkfifo out
	"$@" >out </dev/null 2>messages.txt &
	child=$!
	exec 4<out
	that "$what" [ "$(timeout 10 head -n 1 <&4)" = x ]
	kill -s KILL $child
	exec 4<&-
	wait $child
}

for tier in interp 1 2; do
	"$vspc" --tier=$tier sum.sil 2>/dev/null || continue
	for program in answer bytes; do
		replies "$program, tier $tier" "$vspc" $program.sil --tier=$tier
	done
	flushes "flush, tier $tier" "$vspc" flush.sil --tier=$tier
done
if "$vspc" sum.sil --timeout=60s 2>/dev/null; then
	replies "with a time-out" "$vspc" answer.sil --timeout=60s
fi
if "$vspc" --aot answer.sil -o answer 2>/dev/null; then
	replies "compiled" ./answer
	expect 0 '' '' "$vspc" --aot flush.sil -o flush
	flushes "flush, compiled" ./flush
	if "$vspc" --aot answer.sil -o answer.wasm 2>/dev/null && command -v node >/dev/null; then
		replies "as WebAssembly" node "$source_dir/aot/js/run.mjs" answer.wasm
		expect 0 '' '' "$vspc" --aot flush.sil -o flush.wasm
		flushes "flush as WebAssembly" node "$source_dir/aot/js/run.mjs" flush.wasm
	fi
fi
# Without the capability it is denied like all printing.
printf 'SYSCALL 0x0C\nHLT\n' >plain.sil
expect 0 '' '' "$vspc" plain.sil
# Output that cannot be flushed is an error at once.
[ ! -w /dev/full ] || expect 2 '' "vspc: error: cannot write '/dev/full': No space left on device" "$vspc" flush.sil --output=/dev/full
finish
