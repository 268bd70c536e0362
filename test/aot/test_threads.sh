# Two programs in one process and many threads: sh test_threads.sh VSPC AOT_THREADS.
set -u
vspc=$1 threads=$2
. "$(dirname "$0")/lib.sh"
cat >one.sil <<'END'
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
sed 's/^\.func main.*/.const unused = 1\n&/' one.sil >two.sil
aot one.sil -o one.so
aot -O1 two.sil -o two.so
"$threads" ./one.so ./two.so || fail "threads"
finish
