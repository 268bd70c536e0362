# VSP's own instructions in C (vsp/guest.h): each gives what the instruction of a .sil program
# gives, kernels run on every back end in every tier, and what cannot be translated is refused with
# its place.
. "$(dirname "$0")/lib.sh"
examples=$source_dir/examples
echo 'int main(void) { return 5; }' >five.c
"$vspc" --cc five.c 2>said.txt
[ $? = 5 ] || {
	echo "skipped: $(head -1 said.txt)"
	exit 77
}

# ---- one instruction at a time ----
# one NAME PARAMETERS INSTRUCTIONS: f(a, b) in C against a function of .sil
sil=one.sil
: >"$sil"
echo '#include <vsp/guest.h>' >one.c
names=
one() {
	printf '__attribute__((export_name("%s"))) int32_t f_%s(int32_t a, int32_t b) { return %s; }\n' "$1" "$1" "$2" >>one.c
	printf '.func %s(2) -> 1\n\t%s\n\tRET\n.end\n.export %s\n' "$1" "$3" "$1" >>"$sil"
	names="$names $1"
}
for op in mul:MUL.B div:DIV.B add:ADD.B sub:SUB.B; do
	one "${op%:*}" "vsp_${op%:*}_b(a, b)" "${op#*:} R0, R0, R1"
done
for op in xorl:XORL andl:ANDL orl:ORL; do
	one "${op%:*}" "vsp_${op%:*}(a, b)" "${op#*:} R0, R0, R1"
done
for op in pow:POW.B root:ROOT.B scale:SCALE.B rotate:ROTATE.B; do
	one "${op%:*}" "vsp_${op%:*}_b(a, 3)" "${op#*:} R0, R0, 3"
done
for op in inv:INV.B conj:CONJ.B mag:MAG.B phase:PHASE.B; do
	one "${op%:*}" "vsp_${op%:*}_b(a, b)" "${op#*:} R0" 2>/dev/null
done
sed -i 's/vsp_\(inv\|conj\|mag\|phase\)_b(a, b)/vsp_\1_b(a) + 0 * b/' one.c
one notl 'vsp_notl(a)' 'NOTL R0'
one lerp 'vsp_lerp_b(a, b, 77)' 'LERP.B R0, R1, 77'
one slerp 'vsp_slerp_b(a, b, 200)' 'SLERP.B R0, R1, 200'
one kept 'vsp_lerp_b(a, b, 77) * 256 + (a & 255)' 'MOV R2, R0
	LERP.B R0, R1, 77
	SHLI R0, R0, 8
	ANDI R2, R2, 255
	OR R0, R0, R2'
one i2b 'vsp_i2b(a)' 'SEXT32 R0, R0
	I2B R0, R0'
one b2i 'vsp_b2i(a)' 'B2I R0, R0'
one f2b 'vsp_f2b(a / 7.0)' 'SEXT32 R0, R0
	I2F R0, R0
	MOVI R1, 7.0
	DIV.F R0, R0, R1
	F2B R0, R0'
one b2f 'vsp_b2f(a)' 'B2F R0, R0
	F2I R0, R0'
"$vspc" --cc one.c -o one.silc -- -mexec-model=reactor || failures=$((failures + 1))
for name in $names; do
	for pair in '0x93 0x85' '0x4f 0xc2' '0 0xff' '-3 255'; do
		wanted=$("$vspc" --run "$sil" --invoke "$name" $pair)
		for tier in interp 2; do
			expect 0 "$wanted" '' "$vspc" --tier=$tier --run one.silc --invoke "$name" $pair
		done
	done
done

# ---- batches ----
cat >bulk.c <<'C'
#include <stdio.h>
#include <string.h>
#include <vsp/guest.h>
static unsigned char a[300], b[300], c[300];
int main(void)
{
	for (int i = 0; i < 300; i++) {
		a[i] = c[i] = (unsigned char)(i * 7);
		b[i] = (unsigned char)(i * 5 + 1);
	}
	vsp_hint_cpu();
	vsp_vmap(VSP_MUL, a, b, sizeof a);
	for (int i = 0; i < 300; i++)
		if (a[i] != vsp_mul_b(c[i], b[i]))
			return 1;
	vsp_vmap(VSP_COPY, a, b, sizeof a);
	if (memcmp(a, b, sizeof a) != 0)
		return 2;
	int32_t sum = 0;
	for (int i = 0; i < 300; i++)
		sum ^= b[i];
	vsp_fence();
	return vsp_vred(VSP_RED_XOR, b, sizeof b) == sum ? 0 : 3;
}
C
for tier in interp baseline 1 2; do
	expect 0 '' '' "$vspc" --tier=$tier --cc bulk.c
done

# ---- kernels, descent and models: the examples ----
"$vspc" "$examples/mandelbrot.sil" >picture.txt
"$vspc" --cc "$examples/c/mandelbrot.c" -o mandelbrot.silc
"$vspc" "$examples/gradient_descent.sil" >descent.txt
"$vspc" --cc "$examples/c/descent.c" -o descent.silc
for options in --tier=interp --tier=baseline --tier=1 --tier=2 --check-kernels --threads=1 '--allow=gpu --backend=gpu'; do
	expect 0 "$(cat picture.txt)" '*' "$vspc" $options mandelbrot.silc
	expect 0 "$(cat descent.txt)" '*' "$vspc" $options descent.silc
done
# Where there is a device, it was that which ran them.
if "$vspc" --list-backends | grep -A1 '(gpu)' | grep -q device; then
	"$vspc" --allow=gpu --backend=gpu --stats mandelbrot.silc >picture2.txt 2>said.txt
	that "the picture is a device's" grep -Eq '^back end +(opencl|cuda),.* LAUNCH [1-9]' said.txt
	that "none of it is the CPU's" test "$(grep -Ec '^back end +cpu' said.txt)" = 0
	"$vspc" --allow=gpu --backend=gpu --stats descent.silc >descent2.txt 2>said.txt
	that "the descent is a device's" grep -Eq '^back end +(opencl|cuda),.* (GRADB|DESCB) [1-9]' said.txt
fi
# Ahead of time: programs with WASI's imports, where they can be linked.
for example in mandelbrot:picture.txt descent:descent.txt; do
	if "$vspc" --aot "${example%:*}.silc" -o "${example%:*}" 2>said.txt; then
		expect 0 "$(cat "${example#*:}")" '' "./${example%:*}"
	else
		that "compiled ahead of time: $(head -1 said.txt)" grep -Eq 'import|compiler library|linking needs' said.txt
	fi
done
model=$examples/models
if "$vspc" --list-backends | grep -q 'ONNX Runtime.*[0-9]'; then
	"$vspc" --cc "$examples/c/classifier.c" -o classifier.silc
	for tier in interp baseline 1 2 auto; do
		expect 0 "$(printf '0\n1\n2\n0')" '*' "$vspc" --tier=$tier --allow=models --model="classifier=$model/classifier.onnx" classifier.silc
	done
fi

# ---- what is refused ----
refuse() {
	printf '#include <vsp/guest.h>\n%s\n' "$2" >refused.c
	expect 2 '' "~$1" "$vspc" --cc refused.c
}
refuse 'kernels may not contain or reach GGET' 'extern void use(int *); __attribute__((noinline)) void use(int *p) { __asm__ volatile("" :: "r"(p) : "memory"); }
VSP_KERNEL(k) { int n = (int)i; use(&n); *(int *)block = n; }
int main(void) { vsp_launch(k, 1, 0); }'
refuse 'function k, at refused.c:' 'extern void use(int *); __attribute__((noinline)) void use(int *p) { __asm__ volatile("" :: "r"(p) : "memory"); }
VSP_KERNEL(k) { int n = (int)i; use(&n); *(int *)block = n; }
int main(void) { vsp_launch(k, 1, 0); }'
refuse 'must be a constant' 'int main(int argc, char **argv) { return vsp_pow_b(3, argc); }'
refuse '300 cannot be parameter 3 of vsp_lerp_b' 'int main(void) { return vsp_lerp_b(3, 4, 300); }'
refuse '0 cannot be parameter 1 of vsp_infer' 'int main(void) { vsp_infer(0, 0, 0, 1); }'
refuse 'vsp.none is none of those' 'VSP_IMPORT("none") void none(void); int main(void) { none(); }'
refuse 'has another type' 'VSP_IMPORT("mul_b") int32_t mul(int32_t a); int main(void) { return mul(1); }'
refuse "there is no kernel 'k'" 'VSP_IMPORT("launch.k") void k(uint32_t n, void *b); int main(void) { k(1, 0); }'
refuse 'values of pointers' 'int32_t (*volatile f)(int32_t, int32_t) = vsp_mul_b; int main(void) { return f(1, 2); }'
finish
