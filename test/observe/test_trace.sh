# --trace: the contents of the trace, however the program ends.
. "$(dirname "$0")/../cli/lib.sh"
here=$source_dir/test/observe
check() { that "$*" "$PYTHON" "$here/check_trace.py" "$@"; }
cp "$here/rise.sil" .

# All events in order, on both tracks, with every kind of tiering up.
expect 0 '*' '' "$vspc" rise.sil --sync-compile --trace=t.json
check t.json 'run main:end=halted' 'open the compiler' 'queue square tier 1' 'compile square tier 1:function=square,index=1,inlined=0' \
	'publish square tier 1' 'enter square tier 1:from=0' 'transfer main loop tier 1:from=0,entry=loop,file=rise.sil,line=7' \
	'transfer main loop tier 2:from=1' 'compile main loop tier 2:inlined=1'
expect 0 '*' '' "$vspc" rise.sil --sync-compile --tier=2 --trace t.json
check t.json 'enter main tier 2:from=0,entry=function' '!queue main tier 1' '!queue main loop tier 2'
expect 0 '*' '' "$vspc" rise.sil --tier=interp --trace=t.json
check t.json 'run main:end=halted' '!open the compiler'

# Baseline code, where this build has it.
if "$vspc" rise.sil --tier=baseline --stats 2>&1 | grep -q 'this build makes no baseline code'; then
	echo 'no baseline code here'
else
	expect 0 '*' '' "$vspc" rise.sil --tier=baseline --trace=t.json
	check t.json 'run main:end=halted' 'copy main:function=main,index=0' 'copy square:index=1' '!open the compiler'
fi

# In the background the program may end first; a compilation in progress is in the trace, as
# unfinished. A threshold that is named is not put off until the program has run for a while.
expect 0 '*' '' "$vspc" rise.sil --tier1-threshold=100 --trace=t.json
check t.json 'run main:end=halted' 'queue main loop tier 1'

# Other ends: trap, exit, time-out, a call.
printf 'MOVI R0, 0\nMOVI R1, 3000\nl: ADDI R0, R0, 1\nCMP R0, R1\nJNZ l\nMOVI R2, 0\nDIV R0, R2\nHLT\n' >trap.sil
expect 1 '' '~DIV_BY_ZERO' "$vspc" trap.sil --sync-compile --trace=t.json
check t.json 'run main:end=DIV_BY_ZERO' 'transfer main loop tier 2'
printf 'MOVI R0, 7\nSYSCALL 0\nHLT\n' >exit.sil
expect 7 '' '' "$vspc" exit.sil --tier=1 --sync-compile --trace=t.json
check t.json 'run main:end=exited' 'enter main tier 1'
printf 'loop: JMP loop\n' >endless.sil
expect 1 '' '~INTERRUPTED' "$vspc" endless.sil --timeout=200ms --sync-compile --trace=t.json
check t.json 'run main:end=INTERRUPTED'
expect 0 75025 '' "$vspc" "$source_dir/examples/fibonacci.sil" --trace=t.json --invoke fib 25
check t.json 'run fib:end=returned'

# A function that cannot be compiled is given up with a reason, and names are escaped.
printf '.func main\nMOVI R0, 1\nHLT\n.end\n' >plain.sil
expect 0 '' '' "$vspc" plain.sil --tier=1 --trace=t.json --sync-compile
check t.json 'compile main tier 1'

# Batch instructions: on the CPU, and, where there is a device (PoCL), its copies and kernels.
cat >batch.sil <<'EOF'
.memory 4, 4
.data
.align 4
block:	.word 2
	.word 0x30000, 4000, 1
	.word 0x31000, 4000, 2
.code
.func main
MOVI R1, 1000
MOVI R2, block
BATCH 2
LAUNCH twice, R1, R2
LAUNCH twice, R1, R2
UNBATCH
MOVI R2, 0x30000
VMAP.XORL R2, R2, R1
HLT
.end
.kernel twice
MOVI R2, 0x30000
MOVI R3, 0x31000
LDX.32U R4, [R2 + R0*4]
ADD R4, R4, R4
STX.32 R4, [R3 + R0*4]
RET
.end
EOF
expect 0 '*' '' "$vspc" batch.sil --trace=t.json
check t.json 'LAUNCH twice:back end=cpu,items=1000' 'VMAP:back end=cpu,items=1000' '!range' '!argument block'
check t.json '!LAUNCH twice:back end=opencl'
expect 0 '*' '' "$vspc" sum.sil --trace=t.json
that 'no tracks without batch instructions' sh -c '! grep -q "batch instructions" t.json'
if "$vspc" --list-backends=json | grep '"name":"opencl"' | grep -q '"usable":true'; then
	expect 0 '*' '' "$vspc" batch.sil --trace=t.json --backend=gpu --allow=gpu
	check t.json 'LAUNCH twice:back end=opencl,items=1000' 'range:back end=opencl,bytes=4000' 'argument block:back end=opencl'
	"$PYTHON" "$here/count_steps.py" t.json || that 'each transfer is shown once' false
else
	echo 'no OpenCL device: transfers are not tested'
fi

# All of the file or nothing.
expect 2 '' "vspc: error: cannot write 'no/such/t.json': No such file or directory" "$vspc" sum.sil --trace=no/such/t.json
that 'no file is left' test ! -e no
finish
