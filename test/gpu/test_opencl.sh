#!/bin/sh
# test_opencl.sh VSPC DIFFERENTIAL PROGRAMS COUNT: kernels on an OpenCL device (PoCL, if there is no
# other): programs of a folder, every form of the instruction table, and COUNT random programs end
# as on the CPU, bit for bit, traps and their places included.
set -u
vspc=$1 differential=$2 programs=$3 count=$4
here=$(dirname "$0")
opcodes=$here/../../ir/opcodes.def
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export POCL_CACHE_DIR="$work/pocl"
same=0 on_device=0 failed=0

"$vspc" --list-backends=json | grep '"name":"opencl"' >"$work/list"
if ! grep -q '"usable":true' "$work/list"; then
	echo "no OpenCL device: $(cat "$work/list")"
	exit 77
fi

# PoCL ends a process in which it finds no linker: a path without one is said, and so is none.
mkdir "$work/path"
ln -s "$(command -v llvm-spirv-15 || command -v llvm-spirv || echo /usr/bin/llvm-spirv)" "$work/path/"
tool=$(realpath "$vspc")
if grep -qi pocl "$work/list"; then
	for path in "" PATH=; do
		env -i $path POCL_CACHE_DIR="$work/clean" "$tool" --list-backends >"$work/none.out" 2>&1 &&
			grep -q 'PoCL needs a linker, which it looks for on the path, and PATH is not set' "$work/none.out" ||
			{ echo "without a path: $(cat "$work/none.out")" && failed=$((failed + 1)); }
	done
	env PATH="$work/path" POCL_CACHE_DIR="$work/none" "$tool" --list-backends >"$work/none.out" 2>&1 &&
		grep -q 'PoCL needs a linker' "$work/none.out" ||
		{ echo "without ld: $(cat "$work/none.out")" && failed=$((failed + 1)); }
fi
# The loader of libraries would wait at a FIFO for ever.
mkfifo "$work/fifo"
VSP_ONNXRUNTIME="$work/fifo" timeout 20 "$vspc" --list-backends | grep -q "names '$work/fifo', which is no ordinary file" ||
	{ echo "a FIFO is opened as a library" && failed=$((failed + 1)); }
# So would OpenCL's own, at one where it looks for drivers.
mkdir "$work/vendors"
mkfifo "$work/vendors/a.icd"
for place in "$work/vendors" "$work/vendors/a.icd" "$work/fifo"; do
	for variable in OCL_ICD_VENDORS OPENCL_VENDOR_PATH; do
		env "$variable=$place" timeout 20 "$vspc" --list-backends | grep -q "'$place.*, is no ordinary file" ||
			{ echo "OpenCL's loader gets a FIFO from $variable=$place" && failed=$((failed + 1)); }
	done
done
# Other files there are its own business.
rm "$work/vendors/a.icd"
echo nothing >"$work/vendors/b.icd"
mkfifo "$work/vendors/fifo"
OCL_ICD_VENDORS="$work/vendors" timeout 20 "$vspc" --list-backends | grep -q "OpenCL has no platform" ||
	{ echo "an ordinary file does not reach OpenCL's loader" && failed=$((failed + 1)); }

# A range that a kernel does not declare, within linear memory and outside the mirror of it.
cat >"$work/undeclared.sil" <<'END'
.memory 64, 64
.data
.align 4
block: .word 1
.word out, 16, 2
out: .space 16
.code
HINT.GPU
BATCH 1
MOVI R1, 4
MOVI R2, block
LAUNCH beyond, R1, R2
UNBATCH
HLT
.kernel beyond
MOVI R2, 0x200000
LD32U R3, [R2]
LD32U R4, [R1 + 4]
STX.32 R3, [R4 + R0*4]
RET
.end
END
timeout 60 "$vspc" --run "$work/undeclared.sil" --backend=gpu --allow=gpu >"$work/undeclared.out" 2>&1
grep -q 'trap: OUT_OF_BOUNDS: access outside the ranges that the kernel declares: address 2097152' "$work/undeclared.out" &&
	grep -q '#0 .* in beyond at .*undeclared.sil:17' "$work/undeclared.out" ||
	{ echo "an undeclared range: $(cat "$work/undeclared.out")" && failed=$((failed + 1)); }

run() { # BACKEND FILE
	timeout 60 "$vspc" --run "$2" --tier=interp --backend="$1" --allow=gpu --dump=json --stats=json --deterministic \
		>"$work/$1.out" 2>"$work/$1.err" </dev/null
	echo "status $?" >>"$work/$1.out"
	# How much other iterations wrote before a trap is not the same.
	sed -i '/"status":"trapped"/s/"memory_fnv1a":"[^"]*"//' "$work/$1.out"
}

check() { # NAME FILE
	run cpu "$2"
	run gpu "$2"
	if ! cmp -s "$work/cpu.out" "$work/gpu.out"; then
		echo "$1: differs: $(diff "$work/cpu.out" "$work/gpu.out" | head -4) $(grep error "$work/gpu.err" | head -2)"
		failed=$((failed + 1))
	else
		same=$((same + 1))
	fi
	if grep -o '"name":"opencl"[^}]*}' "$work/gpu.err" | grep -qE '"(LAUNCH|GRADB|DESCB|VMAP|VRED)":[1-9]'; then
		on_device=$((on_device + 1))
	fi
}

for program in "$programs"/*.sil; do
	grep -qiE '^[[:space:]]*(LAUNCH|GRADB|DESCB|VMAP|VRED)' "$program" || continue
	grep -q '^; expect-.*fuel\|^; flags:.*fuel' "$program" && continue
	check "$(basename "$program")" "$program"
done
# Device code in the cache: found again, and made anew when it is spoiled.
kept() {
	timeout 60 "$vspc" --run "$programs/kernel_square.sil" --backend=gpu --allow=gpu --cache="$work/cache" --regs 2>/dev/null | grep '^R0'
}
first=$(kept)
file=$(find "$work/cache" -name device | head -1)
before=$(cksum <"$file")
second=$(kept)
printf 'spoiled' | dd of="$file" bs=1 seek=400 conv=notrunc 2>/dev/null
third=$(kept)
if [ -z "$first" ] || [ "$first" != "$second" ] || [ "$first" != "$third" ] || [ "$(cksum <"$file")" != "$before" ]; then
	echo "device code in the cache: '$first' '$second' '$third' $file"
	failed=$((failed + 1))
fi
for part in 0 1 2 3; do
	python3 "$here/all_forms.py" "$opcodes" $part 4 >"$work/forms.sil"
	check "forms, part $part of 4" "$work/forms.sil"
	[ -z "$(grep -o '"name":"opencl"[^}]*"reason":"[^"]' "$work/gpu.err")" ] || {
		echo "a form does not run on the device: $(grep -o '"name":"opencl"[^}]*' "$work/gpu.err")"
		failed=$((failed + 1))
	}
done
# Asynchronously, and from compiled code.
for program in kernel_batch kernel_square trap_kernel_divides; do
	for tier in interp 1 2; do
		for backend in cpu gpu; do
			timeout 60 "$vspc" --run "$programs/$program.sil" --tier=$tier --sync-compile --backend=$backend --allow=gpu \
				--regs --stats >"$work/$backend.out" 2>"$work/$backend.err" </dev/null
			echo "status $?" >>"$work/$backend.out"
			grep -E 'trap:|#[0-9]' "$work/$backend.err" >>"$work/$backend.out"
		done
		if ! cmp -s "$work/cpu.out" "$work/gpu.out"; then
			echo "$program in tier $tier: differs: $(diff "$work/cpu.out" "$work/gpu.out" | head -4)"
			failed=$((failed + 1))
		elif ! grep -q 'opencl, LAUNCH' "$work/gpu.err"; then
			echo "$program in tier $tier: $(grep opencl "$work/gpu.err")"
			failed=$((failed + 1))
		fi
	done
done
# Random programs; those whose LAUNCHes were all skipped, or of no iteration, do not count.
seed=1 before=$on_device
while [ $((on_device - before)) -lt "$count" ] && [ "$seed" -le $((4 * count)) ]; do
	"$differential" --print "$seed" --size 120 --wild 200 --kernels 1 >"$work/random.sil"
	check "seed $seed" "$work/random.sil"
	seed=$((seed + 1))
done
if [ $((on_device - before)) -lt "$count" ]; then
	echo "only $((on_device - before)) of $((seed - 1)) random programs reached the device"
	failed=$((failed + 1))
fi

echo "opencl: $same programs the same, $on_device of them on the device, $failed differ"
[ "$failed" -eq 0 ] && [ "$on_device" -gt 0 ]
