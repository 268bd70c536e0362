# Running: statuses, traps, limits, arguments, input and output.
. "$(dirname "$0")/lib.sh"
source() { cat >"$1"; }

expect 0 '' '' "$vspc" sum.sil
expect 0 '' '' "$vspc" --run sum.sil --tier=interp
expect 0 '~R0 = 0x000000000000000f  15' '' "$vspc" sum.sil --regs

source exit.sil <<'END'
MOVI R0, 300
SYSCALL 0
HLT
END
expect 44 '' '' "$vspc" exit.sil

# ---- traps ----
source deep.sil <<'END'
.func main
	MOVI R0, 7
	INVOKE inner
	HLT
.end
.func inner(1) -> 1
	MOVI R1, 0
	DIV R0, R1
	RET
.end
END
expect 1 '' 'vspc: trap: DIV_BY_ZERO: integer division by zero
    #0  0x0000000b in inner at deep.sil:8
    #1  0x00000003 in main at deep.sil:3' "$vspc" deep.sil
expect 1 '' 'vspc: trap: DIV_BY_ZERO: integer division by zero' "$vspc" -q deep.sil
printf 'TRAP 9\n' >trap.sil
expect 1 '' '~vspc: trap: EXPLICIT(0x09): ' "$vspc" trap.sil
printf 'MOVI R0, 0\nLOAD R1, [R0 + 0]\nHLT\n' >null.sil
expect 1 '' '~vspc: trap: OUT_OF_BOUNDS: ' "$vspc" null.sil
expect 1 '' '~vspc: trap: OUT_OF_BOUNDS: ' "$vspc" null.sil --bounds=explicit
printf 'SYSCALL 0x20\nHLT\n' >clock.sil
expect 1 '' '~vspc: trap: DENIED: ' "$vspc" clock.sil
expect 0 '' '' "$vspc" clock.sil --allow=clock,random

# ---- limits ----
printf 'loop: JMP loop\n' >endless.sil
if "$vspc" sum.sil --timeout=10s 2>/dev/null; then
	expect 1 '' '~vspc: trap: INTERRUPTED: ' "$vspc" endless.sil --timeout=50ms
	expect 1 '' '~vspc: trap: INTERRUPTED: ' "$vspc" endless.sil --timeout 0.05
else # a platform without threads
	expect 2 '' "vspc: error: '--timeout' needs a thread, and none can be had" "$vspc" sum.sil --timeout=10s
fi
expect 1 '' '~vspc: trap: FUEL: ' "$vspc" endless.sil --fuel=1000
expect 1 '' '~vspc: trap: FUEL: ' "$vspc" sum.sil --fuel=3
expect 0 '' '' "$vspc" sum.sil --fuel=4
expect 2 '' "vspc: error: the program needs 196608 bytes of memory, but the limit is 131072" "$vspc" sum.sil --max-memory=128K
printf '.func main\nINVOKE main\nHLT\n.end\n' >recurse.sil
expect 1 '' '~vspc: trap: CALL_DEPTH: ' "$vspc" recurse.sil
expect 1 '' '~vspc: trap: CALL_DEPTH: ' "$vspc" recurse.sil --max-depth=5

# ---- --invoke ----
source math.sil <<'END'
.func add(2) -> 1
	ADD R0, R1
	RET
.end
.export add
.func pair(0) -> 2
	MOVI R0, -1
	MOVI R1, 2
	RET
.end
.export pair as "two-values"
.func stop(0) -> 1
	HLT
.end
.export stop
.func hidden(0) -> 0
	RET
.end
.transform turn
	XCHG R0, RF
	RET
.end
.export turn
.func main
	HLT
.end
END
expect 0 '42' '' "$vspc" --run math.sil --invoke add 40 2
expect 0 '-1' '' "$vspc" --run math.sil --invoke add 0xffffffffffffffff 0
expect 0 '-3' '' "$vspc" --run math.sil --invoke add -5 2
expect 0 '4609434218613702656' '' "$vspc" --run math.sil --invoke add 1.5 0
expect 0 '-1
2' '' "$vspc" --run math.sil --invoke two-values
expect 0 '' '' "$vspc" --run math.sil --invoke stop
expect 0 '~16' '' "$vspc" --run math.sil --invoke turn 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
expect 2 '' "vspc: error: 'add' takes 2 arguments, but 1 is given" "$vspc" --run math.sil --invoke add 1
expect 2 '' "vspc: error: 'add' takes 2 arguments, but 3 are given; '--regs' goes before '--invoke', which takes all that follows it" "$vspc" --run math.sil --invoke add 1 2 --regs
expect 2 '' "vspc: error: 'x' is no argument for 'add'; it takes integers (decimal or 0x) and floats such as 1.5" \
	"$vspc" --run math.sil --invoke add 1 x
expect 2 '' "vspc: error: '18446744073709551616' is too large an argument for 'add'; integers have 64 bits" \
	"$vspc" --run math.sil --invoke add 1 18446744073709551616
expect 2 '' "vspc: error: 'math.sil' has no function 'sub'" "$vspc" --run math.sil --invoke sub
expect 2 '' "vspc: error: 'math.sil' does not export 'hidden'; it needs '.export hidden'" "$vspc" --run math.sil --invoke hidden

# ---- arguments, input, output ----
source echo.sil <<'END'
; each argument on a line of its own
	SYSCALL 0x10
	MOV R8, R0
	MOVI R9, 0
next:	BEQ R9, R8, done
	MOV R0, R9
	MOVI R1, buffer
	MOVI R2, 64
	SYSCALL 0x11
	MOV R1, R0
	MOVI R0, buffer
	SYSCALL 1
	SYSCALL 0x0B
	ADDI R9, R9, 1
	JMP next
done:	HLT
.data
buffer: .space 64
END
expect 0 'one
--two
3 4' '' "$vspc" echo.sil -- one --two '3 4'
expect 0 '' '' "$vspc" echo.sil

source copy.sil <<'END'
next:	IN R0, 0
	MOVI R1, -1
	BEQ R0, R1, end
	OUT R0, 0
	JMP next
end:	HLT
END
head -c 100000 /dev/urandom >noise
that "bytes pass through files unchanged" sh -c "'$vspc' copy.sil --input=noise --output=copy && cmp noise copy"
that "bytes pass through pipes unchanged" sh -c "cat noise | '$vspc' copy.sil | cmp noise -"
expect 2 '' "vspc: error: cannot read 'none': No such file or directory" "$vspc" copy.sil --input=none
expect 2 '' "vspc: error: cannot write 'no/such': No such file or directory" "$vspc" copy.sil --input=noise --output=no/such
if [ "$VSP_TEST_SYSTEM" != windows ] && [ -w /dev/full ]; then
	expect 2 '' "vspc: error: cannot write '/dev/full': No space left on device" "$vspc" copy.sil --input=noise --output=/dev/full
	expect 2 '' "vspc: error: cannot write 'standard output': No space left on device" \
		sh -c "'$vspc' copy.sil --input=sum.sil >/dev/full"
	expect 2 '' "vspc: error: cannot write 'standard output': No space left on device" sh -c "'$vspc' --help >/dev/full"
fi
head -c 1000000 /dev/zero >zeros
posix expect 0 '' "vspc: error: cannot write 'standard output': Broken pipe" sh -c "'$vspc' copy.sil --input=zeros | true"
printf 'MOVI R0, 65\nOUT R0, 0\nTRAP 1\n' >half.sil
expect 1 '' '*' "$vspc" half.sil --output=half
that "what was written before a trap is kept" sh -c 'test "$(cat half)" = A'
# State that is unknown after a trap in compiled code is not shown.
source compiled.sil <<'END'
MOVI R1, 5000
down: ADDI R1, R1, -1
DIV R2, R1, R1
JMP down
END
# A read error is not the end of the input.
printf 'IN R0, 0\nSYSCALL 2\nHLT\n' >read.sil
mkdir folder
expect 2 '' "vspc: error: cannot read 'folder': Is a directory" "$vspc" read.sil --input=folder
posix expect 2 '' "vspc: error: cannot read 'standard input': Is a directory" sh -c "'$vspc' read.sil <folder"
posix expect 0 '-1' '' sh -c "'$vspc' read.sil <&-"
# A time-out also ends a program that waits for input, and changes nothing for one that has it.
printf 'IN R0, 0\nHLT\n' >wait.sil
printf 'MOVI R0, 0x20000\nMOVI R1, 8\nSYSCALL 7\nHLT\n.data\n.space 8\n' >wait_line.sil
source prints.sil <<'END'
again: SYSCALL 2
SYSCALL 0x0B
JMP again
END
source bytes_out.sil <<'END'
again: OUT R0, 0
JMP again
END
source copy_in.sil <<'END'
again: IN R0, 0
BLT R0, R1, end
OUT R0, 0
JMP again
end: HLT
END
if [ "$VSP_TEST_SYSTEM" != windows ] && "$vspc" sum.sil --timeout=60s 2>/dev/null; then # C11 alone has no threads
	mkfifo silent
	for program in wait.sil wait_line.sil; do
		expect 1 '' '~trap: INTERRUPTED' sh -c "exec 3<>silent; '$vspc' $program --timeout=50ms <&3"
	done
	expect 0 "$(cat copy_in.sil)" '' sh -c "cat copy_in.sil | '$vspc' copy_in.sil --timeout=60s"
	# Nobody reads, and the pipe is full. Where messages go the same way there are none.
	mkfifo full
	for options in --tier=interp --tier=interp\ --bounds=explicit ''; do
		expect 1 '' '~trap: INTERRUPTED' sh -c "exec 3<>full; '$vspc' prints.sil --timeout=100ms $options >&3"
		expect 1 '' '' sh -c "exec 3<>full; '$vspc' prints.sil --timeout=100ms --regs $options >&3 2>&3"
		expect 1 '' '~trap: INTERRUPTED' sh -c "exec 3<>full; '$vspc' bytes_out.sil --timeout=100ms $options >&3"
	done
	expect 0 "$(cat copy_in.sil)" '' "$vspc" copy_in.sil --timeout=60s --input=copy_in.sil
fi
if "$vspc" --tier=1 sum.sil 2>/dev/null; then
	expect 1 'PC = 0x00000009  mode = SIL-128  (registers, SP and SR are unknown after a trap in compiled code)' '*' \
		"$vspc" compiled.sil --regs --tier=1 --sync-compile --tier1-threshold=1
	# A threshold of 0 means at once, not the default.
	source once.sil <<'END'
.func f() -> 0
	RET
.end
.func main() -> 0
	INVOKE f
	HLT
.end
END
	expect 0 '~"tier":1}' '' "$vspc" once.sil --dump=json --sync-compile --tier1-threshold=0
	expect 0 '~"tier":2}' '' "$vspc" once.sil --dump=json --sync-compile --tier2-threshold=0
	expect 0 '~"tier":0}' '' "$vspc" once.sil --dump=json --sync-compile
fi
# Megabytes of arguments lie on the stack that a deep recursion uses as well.
if "$vspc" --tier=2 sum.sil 2>/dev/null; then
	printf '.func f(1) -> 1\nBZ R0, end\nMOV R4, R0\nADDI R0, R0, -1\nINVOKE f\nADD R0, R0, R4\nend: RET\n.end\n.func main\nMOVI R0, 100000000\nINVOKE f\nHLT\n.end\n.entry main\n' >deep.sil
	long=$(head -c 100000 /dev/zero | tr '\0' a)
	expect 1 '*' '~CALL_DEPTH' "$vspc" deep.sil --tier=2 --sync-compile -- $long $long $long $long $long $long $long $long $long $long
fi
# Ports that vspc does not have.
printf 'IN R0, 7\nHLT\n' >port.sil
expect 1 '' '~UNSUPPORTED: the host does not support it: the host refused IN at port 7' "$vspc" port.sil
# A kernel's access outside its ranges, but inside memory, is told as what it is.
source ranges.sil <<'END'
	.data
block:	.word 1
	.word inside, 4, 2
inside:	.word 0
outside: .word 0
	.code
.func main
	MOVI R1, 1
	MOVI R2, block
	LAUNCH stray, R1, R2
	HLT
.end
.kernel stray
	MOVI R2, outside
	ST32 R0, [R2]
	RET
.end
END
for tier in interp baseline 1 2; do
	"$vspc" --tier=$tier sum.sil 2>/dev/null || continue
	expect 1 '' '~OUT_OF_BOUNDS: access outside the ranges that the kernel declares: address 131092' \
		"$vspc" ranges.sil --check-kernels --tier=$tier
done
# Input without an end must not keep a run from ending.
if "$vspc" sum.sil --timeout=60s 2>/dev/null; then
	printf 'SYSCALL 8\nHLT\n' >endless.sil
	expect 1 '*' '~INTERRUPTED' sh -c "timeout 60 '$vspc' endless.sil --timeout=200ms </dev/zero"
fi
finish
