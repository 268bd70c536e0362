#!/bin/sh
# test_mpi.sh IMPLEMENTATION VSPC BUILD SOURCE: programs as four ranks of an MPI job on this
# machine. Each program's output is the same for all orders in which ranks may come.
implementation=$1 vspc=$2 build=$3 source=$4
mpirun=mpirun.$implementation
command -v "$mpirun" >/dev/null || { echo "SKIPPED: $mpirun is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
failures=0

# Runs a command as one rank with its output and its messages in files of its own: mpirun mixes
# parts of lines, and MPICH's loses what ranks have said when one ends with an error before others.
cat >rank.sh <<'END'
rank=${OMPI_COMM_WORLD_RANK-$PMI_RANK}
exec "$@" >raw.$rank 2>said.$rank
END
# ranks COUNT COMMAND...: the sorted lines of all ranks in out, what they say in err, the status.
ranks() {
	count=$1
	shift
	rm -f raw.* said.*
	timeout 120 "$mpirun" -n "$count" sh rank.sh "$@" 2>err </dev/null
	status=$?
	cat raw.* | sort >out
	cat said.* >>err
}
# gives NAME STATUS OUTPUT: of the last ranks; STATUS may be "not 0"
gives() {
	good=yes
	if [ "$2" = "not 0" ]; then
		[ "$status" != 0 ] && [ "$status" != 124 ] || good=
	else
		[ "$status" = "$2" ] || good=
	fi
	[ "$3" = "*" ] || [ "$(tr '\n' ' ' <out)" = "$3" ] || good=
	[ -n "$good" ] && return
	echo "FAILED: $1: status $status, output:"
	cat out err
	failures=$((failures + 1))
}
says() {
	grep -q "$2" err && return
	echo "FAILED: $1: nobody says '$2', but:"
	cat err
	failures=$((failures + 1))
}
header='	.import mpi.rank(0) -> 1
	.import mpi.size(0) -> 1
	.import mpi.send(4)
	.import mpi.recv(4) -> 1
	.import mpi.allreduce_f64(4)
	.import mpi.gather(4)
.func main
	HCALL mpi.rank
	MOV  R8, R0
	HCALL mpi.size
	MOV  R9, R0
	MOVI RA, 0x10000
'
program() {
	printf '%s' "$header" >program.sil
	cat >>program.sil
}

# Each rank broadcasts itself in L0 on channel 5; after SYNC all four states come, its own too, in
# any order, and no fifth. Layers are the low bytes of registers, so the sum is in memory.
program <<'END'
	STORE R8, [RA]
	LSTATE [RA]
	BROADCAST 5
	SYNC 1
	MOVI R6, 4              ; to come
	MOVI R1, 0x10000
	STORE R6, [R1 + 0x48]
next:	RECEIVE 5
	JZ   next
	MOVI R1, 0x10000
	SSTATE [R1]
	LD8U R2, [R1]
	LOAD R3, [R1 + 0x40]
	ADD  R3, R3, R2
	STORE R3, [R1 + 0x40]
	LOAD R4, [R1 + 0x48]
	ADDI R4, R4, -1
	STORE R4, [R1 + 0x48]
	BNZ  R4, next
	RECEIVE 5
	JZ   empty
	TRAP 1
empty:	MOVI R1, 0x10000
	LOAD R0, [R1 + 0x40]
	SYSCALL 2
	SYSCALL 0x0B
	HLT
.end
END
ranks 4 "$vspc" --mpi program.sil
gives "states on a channel" 0 "6 6 6 6 "

# A ring: each sends its rank, times 10, to the next, which adds what it gets.
program <<'END'
	MOVI R1, 10
	MUL  R0, R8, R1
	STORE R0, [RA]
	ADDI R0, R8, 1
	MOD  R0, R0, R9
	MOVI R1, 7
	MOV  R2, RA
	MOVI R3, 8
	HCALL mpi.send
	MOVI R0, -1
	MOVI R1, 7
	ADDI R2, RA, 64
	MOVI R3, 64
	HCALL mpi.recv
	MOV  R7, R0             ; 8 bytes
	ADDI R2, RA, 64
	LOAD R0, [R2]
	ADD  R0, R0, R7
	SYSCALL 2
	SYSCALL 0x0B
	HLT
.end
END
ranks 4 "$vspc" --mpi program.sil
gives "a ring of messages" 0 "18 28 38 8 "
ranks 4 "$vspc" --mpi --tier=2 program.sil
[ ! -e "$build/lib/libvsp-llvm.so" ] || gives "a ring of messages, compiled" 0 "18 28 38 8 "
ranks 1 "$vspc" --mpi program.sil
gives "a ring of one" 0 "8 "

# The sums, the products and the largest of (rank + 1, rank + 2), and all ranks gathered at rank 2.
program <<'END'
	ADDI R0, R8, 1
	I2F  R0, R0
	STORE R0, [RA]
	ADDI R0, R8, 2
	I2F  R0, R0
	STORE R0, [RA + 8]
	MOVI R4, 0
	MOVI R5, 3
each:	MOV  R0, R4
	MOV  R1, RA
	ADDI R2, RA, 64
	MOVI R3, 2
	HCALL mpi.allreduce_f64
	MOVI R6, 2
	BNE  R8, R6, quiet
	LOAD R0, [RA + 64]
	SYSCALL 3
	SYSCALL 0x0B
	LOAD R0, [RA + 72]
	SYSCALL 3
	SYSCALL 0x0B
quiet:	ADDI R4, R4, 1
	BLE  R4, R5, each
	STORE R8, [RA]
	MOVI R0, 2
	MOV  R1, RA
	MOVI R2, 8
	ADDI R3, RA, 128
	HCALL mpi.gather
	MOVI R6, 2
	BNE  R8, R6, done
	LOAD R0, [RA + 152]     ; of rank 3
	SYSCALL 2
	SYSCALL 0x0B
done:	HLT
.end
END
ranks 4 "$vspc" --mpi program.sil
gives "reductions" 0 "$(printf '10.0\n14.0\n24.0\n120.0\n1.0\n2.0\n4.0\n5.0\n3\n' | sort | tr '\n' ' ')"

# Pairs: 0 with 1, 2 with 3; then 0 and 1 disagree.
program <<'END'
	MOVI R1, 1
	XOR  R2, R8, R1
	MOVI R3, 55
	ENTANGLE R2, R3
	MOV  R0, R8
	SYSCALL 2
	SYSCALL 0x0B
	HLT
.end
END
ranks 4 "$vspc" --mpi program.sil
gives "pairs" 0 "0 1 2 3 "
sed 's/MOVI R3, 55/MOV R3, R8/' program.sil >disagree.sil
ranks 4 "$vspc" --mpi disagree.sil
gives "pairs that disagree" "not 0" "*"
says "pairs that disagree" "entangles 1"

# What is not all in the memory, is no rank, or no tag, is refused before anything is sent.
for wrong in 'MOVI R2, 0xFFFF' 'MOVI R2, 0x7FFFFFFFFFFFFFF0' 'MOVI R3, -1' 'MOVI R3, 0x7FFFFFFFFFFFFFFF' 'MOVI R0, 4' 'MOVI R0, -1' 'MOVI R1, -2' \
	'MOVI R1, 0x7FFFFFFFFFFFFFFF'; do
	for name in send recv; do
		[ "$name $wrong" != "recv MOVI R0, -1" ] || continue
		program <<END
	MOVI R0, 0
	MOVI R1, 0
	MOV  R2, RA
	MOVI R3, 8
	$wrong
	HCALL mpi.$name
	HLT
.end
END
		ranks 2 "$vspc" --mpi program.sil
		gives "mpi.$name with $wrong" "not 0" ""
		says "mpi.$name with $wrong" "mpi.$name: "
	done
done
for call in 'MOVI R0, 4
	HCALL mpi.allreduce_f64' 'MOVI R3, 0x7FFFFFFF
	HCALL mpi.allreduce_f64' 'MOVI R2, 0xFFFF
	HCALL mpi.allreduce_f64' 'MOVI R0, 2
	HCALL mpi.gather' 'MOVI R2, 0x7FFFFFFFFFFF
	HCALL mpi.gather' 'MOVI R1, 0
	HCALL mpi.gather' 'MOVI R2, 0x20000
	HCALL mpi.gather'; do
	program <<END
	MOVI R0, 0
	MOV  R1, RA
	MOV  R2, RA
	MOVI R3, 1
	$call
	HLT
.end
END
	ranks 2 "$vspc" --mpi program.sil
	gives "$call" "not 0" ""
	says "$call" "mpi.*: "
done

# A message that is longer than the room for it.
program <<'END'
	MOVI R0, 0
	MOVI R1, 0
	MOV  R2, RA
	MOVI R3, 16
	HCALL mpi.send
	MOVI R0, 0
	MOVI R1, 0
	MOV  R2, RA
	MOVI R3, 8
	HCALL mpi.recv
	HLT
.end
END
ranks 1 "$vspc" --mpi program.sil
gives "a message without room" "not 0" ""
says "a message without room" "has no room in 8 bytes"

# A message in several pieces: the first and the last byte of 3,000,000, and its size.
program <<'END'
	MOVI R4, 3000000
	MOVI R0, 60
	MEMGROW R0, R0
	BNZ  R8, take
	MOVI R1, 65
	ST8  R1, [RA]
	ADD  R2, RA, R4
	MOVI R1, 66
	ST8  R1, [R2 + -1]
	MOVI R0, 1
	MOVI R1, 3
	MOV  R2, RA
	MOV  R3, R4
	HCALL mpi.send
	HLT
take:	MOVI R0, -1
	MOVI R1, -1
	MOV  R2, RA
	MOVI R3, 3000001
	HCALL mpi.recv
	SYSCALL 2
	LD8U R0, [RA]
	SYSCALL 2
	ADD  R2, RA, R4
	LD8U R0, [R2 + -1]
	SYSCALL 2
	HLT
.end
END
ranks 2 "$vspc" --mpi --max-memory=8M program.sil
gives "a long message" 0 "30000006566 "

# Ranks that take different steps, or the same with different sizes: no byte may reach a smaller
# place.
step() {
	program <<END
	MOVI R0, 0
	MOV  R1, RA
	MOV  R2, RA
	MOVI R3, $1
	BNZ  R8, other
	$2
	HLT
other:	MOV  R3, RA
	MOVI R2, $3
	$4
	HLT
.end
END
	ranks 2 "$vspc" --mpi program.sil
	gives "different steps: $2 and $4" "not 0" ""
	says "different steps: $2 and $4" "others"
}
step 8 'HCALL mpi.allreduce_f64' 8 'HCALL mpi.gather'
step 8 'HCALL mpi.allreduce_f64' 8 'SYNC 1'
step 8 'HCALL mpi.allreduce_f64' 8 'HLT'
step 1 'HCALL mpi.allreduce_f64' 8 'MOV R2, RA
	MOVI R3, 5000
	HCALL mpi.allreduce_f64'
step 1 'MOV R3, RA
	MOVI R2, 8
	HCALL mpi.gather' 20000 'HCALL mpi.gather'
step 1 'MOV R3, RA
	MOVI R2, 20000
	HCALL mpi.gather' 8 'HCALL mpi.gather'

# One rank traps while the others wait for it: all end, and its message is seen.
program <<'END'
	MOVI R1, 2
	BNE  R8, R1, wait
	TRAP 9
wait:	SYNC 3
	HLT
.end
END
ranks 4 "$vspc" --mpi program.sil
gives "a rank that traps" "not 0" ""
says "a rank that traps" "trap"
says "a rank that traps" "rank 2 ends all 4 ranks"

# Ranks at different numbers of SYNC, ranks that wait for nobody, and states that nobody takes.
program <<'END'
	BNZ  R8, other
	SYNC 1
	HLT
other:	SYNC 2
	HLT
.end
END
ranks 4 "$vspc" --mpi program.sil
gives "different numbers of SYNC" "not 0" ""
says "different numbers of SYNC" "at SYNC"
program <<'END'
	MOVI R0, 0
	MOVI R1, 0
	MOV  R2, RA
	MOVI R3, 8
	HCALL mpi.recv
	HLT
.end
END
ranks 2 "$vspc" --mpi --timeout=500ms program.sil
gives "a wait that is over by time" "not 0" ""
says "a wait that is over by time" "interrupted"
program <<'END'
	MOVI R7, 100000
more:	BROADCAST 1
	ADDI R7, R7, -1
	BNZ  R7, more
	HLT
.end
END
ranks 2 "$vspc" --mpi program.sil
gives "states that nobody takes" "not 0" ""
says "states that nobody takes" "have been sent and not received"

program <<'END'
	BNZ  R8, done
loop:	JMP  loop
done:	HLT
.end
END
cp program.sil endless.sil
timeout 60 "$mpirun" -n 1 "$vspc" --mpi endless.sil : -n 1 "$vspc" --mpi --timeout=500ms endless.sil >raw 2>err
[ "$?" != 124 ] || { echo "FAILED: a rank at its end hangs"; failures=$((failures + 1)); }

# Messages that are left at the end are dropped, and the exit status is the program's.
program <<'END'
	BROADCAST 1
	MOVI R0, 0
	MOVI R1, 0
	MOV  R2, RA
	MOVI R3, 4096
	HCALL mpi.send
	SYSCALL 0
	HLT
.end
END
sed '/SYSCALL 0$/d' program.sil >left.sil
ranks 4 "$vspc" --mpi left.sil
gives "messages that are left" 0 ""

# A million states, the same for any number of ranks.
ranks 1 "$vspc" --mpi "$source/examples/mpi/descent.sil"
one=$(tr '\n' ' ' <out)
[ "$(wc -l <out)" = 6 ] || { echo "FAILED: descent: $(cat out err)"; failures=$((failures + 1)); }
ranks 4 "$vspc" --mpi "$source/examples/mpi/descent.sil"
gives "a million states" 0 "$one"

# A host of its own.
if command -v "mpicc.$implementation" >/dev/null && [ -e "$build/lib/libvsp.so" ]; then
	"mpicc.$implementation" -I"$source/include" "$source/examples/hosts/ranks.c" -L"$build/lib" -lvsp "-lvsp-mpi-$implementation" \
		"-Wl,-rpath,$build/lib" -o host || failures=$((failures + 1))
	ranks 3 ./host "$source/examples/mpi/descent.sil"
	gives "a host of its own" 0 "$one"
fi

# Without a job there is one rank; without the library, a clear error.
other=mpich
[ "$implementation" = openmpi ] || other=openmpi
ranks 2 "$vspc" "--mpi=$other" program.sil
gives "the other implementation" "not 0" ""
says "the other implementation" "was started by the mpirun of $implementation"
"$vspc" --mpi=none program.sil 2>err && failures=$((failures + 1))
says "an unknown implementation" "it takes openmpi or mpich"
[ "$failures" = 0 ] && echo "all ranks agree"
exit "$failures"
