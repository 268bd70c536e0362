# Compiled programs with device code on an OpenCL device (PoCL, if there is no other): sh
# test_aot.sh VSPC PROGRAMS ALL_FORMS OPCODES EVERY. Every EVERY-th program of a folder and every
# form that devices compute end as on the CPU, traps and their places included, with no LLVM of
# VSP's in the process.
set -u
vspc=$1 programs=$2 forms=$3 opcodes=$4 every=$5
. "$(dirname "$0")/../aot/lib.sh"
export POCL_CACHE_DIR="$work/pocl"
on_device=0 compared=0 seen=0
"$vspc" --list-backends=json | grep '"name":"opencl"' >list
grep -q '"usable":true' list || { echo "skipped: no OpenCL device: $(cat list)"; exit 77; }

run() { # BACKEND
	VSP_BACKEND=$1 VSP_STATS=1 timeout 60 ./program </dev/null >"$1.out" 2>"$1.err"
	echo "status $?" >>"$1.out"
	grep -E 'trap:|^ +#' "$1.err" >>"$1.out"
}

# check NAME FILE OPTIONS...: the same on both.
check() {
	name=$1
	shift
	aot --gpu=on --allow=gpu "$@" -o program 2>notes
	run cpu
	run gpu
	cmp -s cpu.out gpu.out || fail "$name: differs: $(diff cpu.out gpu.out | head -4)"
	compared=$((compared + 1))
	grep -q '^back end opencl:.* [A-Z]* [1-9]' gpu.err && on_device=$((on_device + 1))
}

for program in "$programs"/*.sil; do
	grep -qiE '^[[:space:]]*(LAUNCH|GRADB|DESCB|VMAP|VRED.XOR)' "$program" || continue
	grep -Eq '^; (invoke|input|flags|args|expect-exit: 2)|^\.import' "$program" && continue
	seen=$((seen + 1))
	[ $((seen % every)) -eq 0 ] || continue
	check "$(basename "$program")" "$program"
done
for part in 0 1 2 3; do
	python3 "$forms" "$opcodes" $part 4 >forms.sil
	check "forms, part $part of 4" forms.sil --deterministic
	grep -q 'opencl: .*not used' gpu.err && fail "a form does not run on the device: $(grep opencl gpu.err)"
done
[ "$on_device" -ge $((4 + 12 / every)) ] || fail "only $on_device of $compared programs ran on the device"

# Where the program says HINT.GPU and may use a GPU, it carries device code without being asked to.
cp "$programs/kernel_square.sil" square.sil
sed 's/^\.func main/&\n\tHINT.GPU/' square.sil >hint.sil
ran() { VSP_STATS=1 ./program 2>&1 | sed -n 's/^back end opencl: \(.*\)/\1/p'; }
aot --allow=gpu hint.sil -o program
same "with the hint" "LAUNCH 1" "$(ran)"
aot hint.sil -o program
same "with the hint, but without the capability" "" "$(ran)"
aot --allow=gpu --gpu=off hint.sil -o program
same "--gpu=off" "" "$(ran)"
VSP_BACKEND=gpu ./program 2>program.err
same "status without device code" 2 $?
holds "the way out" program.err "compile it with --gpu=on --allow=gpu"
aot --allow=gpu square.sil -o program
same "without the hint" "" "$(ran)"

# Nothing of a compiler is needed, only what the device itself takes.
aot --gpu=on --allow=gpu square.sil -o program
ldd program | grep -Eq 'LLVM|vsp' && fail "the program is linked with a compiler"
aot --gpu=on square.sil -o square.so
[ "$(grep -ac '\.version 6\.0' square.so)" -gt 0 ] || fail "there is no PTX"
aot --gpu=on square.sil -o square.o
aot --gpu=on --deterministic square.sil -o again.so
aot --gpu=on --deterministic square.sil -o again2.so
cmp -s again.so again2.so || fail "the same input gives other bytes"

VSP_THREADS=0 ./program 2>program.err
[ $? = 2 ] && grep -q "VSP_THREADS is '0'; it must be a number from 1 to 256" program.err || fail "a bad VSP_THREADS is refused"
VSP_BACKEND=nothing ./program 2>program.err
same "status of a wrong kind" 2 $?
OCL_ICD_VENDORS="$work" VSP_BACKEND=gpu ./program 2>program.err
same "status without a device" 2 $?
holds "the reason" program.err "the back end gpu is asked for, but cannot be used"
echo "$compared programs, $on_device of them on the device"
finish
