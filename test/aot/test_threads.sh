# Two programs in one process and many threads: sh test_threads.sh VSPC AOT_THREADS.
set -e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/one.sil" <<'END'
.export count
.export peek
.func main() -> 0
	RET
.end
.func count(1) -> 1
	MOV  R1, R0
	MOVI R0, 0
next:
	BZ   R1, done
	ADD  R0, R0, R1
	ADDI R1, R1, -1
	JMP  next
done:
	RET
.end
.func peek(1) -> 1
	LOAD R0, [R0 + 0]
	RET
.end
END
sed 's/^\.func main.*/.const unused = 1\n&/' "$work/one.sil" >"$work/two.sil"
"$1" --aot "$work/one.sil" -o "$work/one.so"
"$1" --aot -O1 "$work/two.sil" -o "$work/two.so"
"$2" "$work/one.so" "$work/two.so"
