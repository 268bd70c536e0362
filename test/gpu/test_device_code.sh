#!/bin/sh
# test_device_code.sh VSPC DIFFERENTIAL EMIT_ITEMS LIBRARY PROGRAMS SEEDS: device code of batch
# instructions and of kernels: of the programs of a folder, of every form, and of random programs:
# spirv-val accepts the SPIR-V and ptxas the PTX. A kernel that stays on the CPU does so for one of
# the reasons that the documentation lists.
set -u
vspc=$1 differential=$2 emit_items=$3 library=$4 programs=$5 seeds=$6
here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
checked=0 refused=0 failed=0

ptxas=
for candidate in ptxas /usr/local/cuda/bin/ptxas; do
	if command -v "$candidate" >/dev/null 2>&1; then
		ptxas=$candidate
		break
	fi
done
if ! command -v spirv-val >/dev/null 2>&1; then
	echo "spirv-val is missing (Debian: apt install spirv-tools)"
	exit 77
fi

fail() {
	echo "test_device_code: $1"
	failed=$((failed + 1))
}

validate() { # NAME SUFFIX
	case $2 in
	spv) spirv-val --target-env opencl1.2 "$work/k.spv" >"$work/said" 2>&1 || fail "$1: spirv-val: $(head -3 "$work/said")" ;;
	ptx) [ -z "$ptxas" ] || "$ptxas" -arch=sm_90 -o /dev/null "$work/k.ptx" >"$work/said" 2>&1 || fail "$1: ptxas: $(head -3 "$work/said")" ;;
	esac
	checked=$((checked + 1))
}

check() { # NAME FILE
	for suffix in spv ptx; do
		if "$vspc" --aot "$2" -o "$work/k.$suffix" 2>"$work/why"; then
			validate "$1" "$suffix"
		elif grep -q "stays on the CPU: POW.F" "$work/why"; then
			refused=$((refused + 1))
		elif [ "${VSP_TEST_LIMITS:-}" = small ] && grep -q "the function is too large for this tier" "$work/why"; then
			refused=$((refused + 1)) # hostile builds have small limits
		else
			fail "$1: $(head -1 "$work/why")"
		fi
	done
}

for program in "$programs"/*.sil; do
	grep -qi '^[[:space:]]*[.]kernel' "$program" || continue
	check "$(basename "$program")" "$program"
done
mkdir "$work/items"
"$emit_items" "$library" "$work/items" 4 2>"$work/why" || fail "batch instructions: $(head -1 "$work/why")"
for code in "$work"/items/*; do
	cp "$code" "$work/k.${code##*.}"
	validate "batch instruction $(basename "$code")" "${code##*.}"
done
for part in 0 1 2 3; do
	python3 "$here/all_forms.py" "$here/../../ir/opcodes.def" $part 4 >"$work/forms.sil"
	check "forms, part $part of 4" "$work/forms.sil"
done
seed=1
while [ "$seed" -le "$seeds" ]; do
	"$differential" --print "$seed" --size 60 >"$work/random.sil"
	if grep -q '^[.]kernel' "$work/random.sil"; then
		check "seed $seed" "$work/random.sil"
	fi
	seed=$((seed + 1))
done

echo "device code: $checked units of code, $refused stay on the CPU, $failed failures${ptxas:+; PTX checked by ptxas}"
[ "$failed" -eq 0 ] && [ "$checked" -gt 0 ]
