# C programs that depend on how a machine does its work, in every tier, with both kinds of bounds
# and ahead of time: qsort, floats read and printed, functions of 19 parameters, and more than 2 GiB
# of memory with offsets beyond 2^31. Each prints what a native build prints, and what Node.js does.
. "$(dirname "$0")/lib.sh"
clang=$(command -v clang-22 || command -v clang)
[ -n "$clang" ] && echo 'int main(void) { return 0; }' >none.c && "$clang" --target=wasm32-wasi none.c -o none.wasm 2>clang.txt || {
	echo "skipped: no clang that compiles for WASI: $(head -1 clang.txt 2>/dev/null)"
	exit 77
}
command -v cc >/dev/null || { echo "skipped: no cc for this machine" && exit 77; }

cat >sorts.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct pair { double key; int place; char name[12]; } pair;
static int by_key(const void *a, const void *b)
{
	const pair *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key ? 1 : x->place - y->place;
}
static int by_name(const void *a, const void *b) { return strcmp(((const pair *)a)->name, ((const pair *)b)->name); }
static int downwards(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;
	return (x < y) - (x > y);
}
int main(void)
{
	static pair pairs[3000];
	static long long numbers[1000];
	unsigned long long state = 1;
	for (int i = 0; i < 3000; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		pairs[i].key = (double)(int)(state >> 40) / 64 - 100000, pairs[i].place = i;
		snprintf(pairs[i].name, sizeof pairs[i].name, "n%u", (unsigned)(state >> 35) % 100000);
		numbers[i % 1000] = (long long)state;
	}
	qsort(pairs, 3000, sizeof *pairs, by_key);
	for (int i = 0; i < 3000; i += 301) printf("%.3f %d %s\n", pairs[i].key, pairs[i].place, pairs[i].name);
	qsort(pairs, 3000, sizeof *pairs, by_name);
	printf("%s %s\n", pairs[0].name, pairs[2999].name);
	qsort(numbers, 1000, sizeof *numbers, downwards);
	printf("%lld %lld\n", numbers[0], numbers[999]);
	pair wanted = {.name = "n7"}, *found = bsearch(&wanted, pairs, 3000, sizeof *pairs, by_name);
	printf("%s\n", found ? found->name : "none");
	return 0;
}
C
cat >floats.c <<'C'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	double d;
	float f;
	long long i;
	char word[20];
	unsigned x;
	while (scanf("%lf %f %lld %x %19s", &d, &f, &i, &x, word) == 5) {
		printf("[%f] [%.17g] [%-12.3e] [%+012.4f]\n", d, d, d, d);
		printf("[%g] [%.9g] [%10.2f] [%d] [%d]\n", f, f, f, isnan(f) != 0, isinf(f) != 0);
		printf("[%lld] [%llx] [%#o] [%*d] [%.3s] [%c]\n", i, i, x, 9, (int)x, word, word[0]);
		char text[64];
		snprintf(text, sizeof text, "%.17g", d);
		printf("%d\n", strtod(text, NULL) == d || d != d);
	}
	printf("%.3f %.3f %.10g\n", strtod("0x1.8p3", NULL), atof("-1e-3junk"), sqrt(2));
	return 0;
}
C
cat >numbers.txt <<'END'
3.25 -0.1 9223372036854775807 ffffffff word
-1e308 3.4e38 -9223372036854775808 7f a
4.9e-324 1e-45 -1 0 subnormal
inf -inf 42 10 infinite
0.1 nan 0 1 rounding
123456789.987654321 16777217 1000000007 deadbeef x
END
cat >parameters.c <<'C'
#include <stdio.h>
#include <stdlib.h>
typedef long long wide;
__attribute__((noinline)) static double mix(int a, wide b, float c, double d, int e, wide f, float g, double h, int i, wide j, float k,
        double l, int m, wide n, float o, double p, int q, wide r, double s)
{
	return a + 2.0 * b + 3 * c + 5 * d + 7 * e + 11.0 * f + 13 * g + 17 * h + 19 * i + 23.0 * j + 29 * k + 31 * l + 37 * m + 41.0 * n +
	       43 * o + 47 * p + 53 * q + 59.0 * r + 61 * s;
}
__attribute__((noinline)) static wide deep(wide a, wide b, wide c, wide d, wide e, wide f, wide g, wide h, wide i, wide j, wide k, wide l,
        wide m, wide n, wide o, wide p, wide q, wide r, wide s)
{
	if (a == 0) return b ^ s;
	return deep(a - 1, s, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r) * 3 + a - q;
}
int main(int argc, char **argv)
{
	double (*volatile by_pointer)(int, wide, float, double, int, wide, float, double, int, wide, float, double, int, wide, float, double,
	        int, wide, double) = mix;
	int x = argc > 1 ? atoi(argv[1]) : argc;
	printf("%.6f\n", mix(x, 2, 3.5f, 4.25, 5, -6, 7.5f, 8.125, -9, 10, 11.5f, 12.0625, 13, 14, -15.5f, 16.5, 17, 18, 19.25));
	printf("%.6f\n", by_pointer(-x, 1, 1, 1, 1, 1LL << 40, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, 1e9));
	printf("%lld\n", deep(200, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18));
	return 0;
}
C
# malloc gives no block of that size for WASI, so the program asks for pages itself; natively it
# asks for them by mmap. Few of them are touched.
cat >large.c <<'C'
#include <stdio.h>
#include <string.h>
#ifdef __wasm__
static unsigned char *pages(size_t bytes) { size_t old = __builtin_wasm_memory_grow(0, bytes >> 16); return old == (size_t)-1 ? NULL : (unsigned char *)(old << 16); }
#else
#include <sys/mman.h>
static unsigned char *pages(size_t bytes) { void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); return p == MAP_FAILED ? NULL : p; }
#endif
int main(void)
{
	unsigned char *p = pages(3000000000u & ~0xFFFFul);
	if (!p) { puts("no memory"); return 1; }
	volatile unsigned long at[] = {0, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xA0000000, 2999900000u};
	unsigned long long sum = 0;
	for (int i = 0; i < 6; i++) p[at[i]] = (unsigned char)(i + 1);
	volatile unsigned char *far = p;
	far[0x90000000u] = 9; /* an offset that is a constant beyond 2^31 */
	*(volatile double *)(p + 0x98000000u) = 2.5;
	memcpy(p + 0xA0001000u, p + 0x7FFFFFF0u, 64);
	for (int i = 0; i < 6; i++) sum = sum * 31 + p[at[i]];
	printf("%llu %d %.2f %d %d\n", sum, far[0x90000000u], *(volatile double *)(p + 0x98000000u), p[0xA000100Fu], p[0xA0001010u]);
	return 0;
}
C

# run_node PROGRAM: prints what it prints there.
run_node() {
	node --no-warnings -e '
		const { WASI } = require("wasi"), fs = require("fs");
		const wasi = new WASI({ version: "preview1", args: ["program", "7"], returnOnExit: true });
		WebAssembly.instantiate(fs.readFileSync(process.argv[1]), { wasi_snapshot_preview1: wasi.wasiImport })
			.then(m => { process.exitCode = wasi.start(m.instance); });' "$1"
}

# gives WHAT COMMAND...: prints the same as the native build.
gives() {
	what=$1
	shift
	"$@" <numbers.txt >found.txt 2>said.txt
	grep -q 'need the compiler library\|not for this machine\|not on this platform' said.txt ||
		that "$what: $(head -1 said.txt) $(diff wanted.txt found.txt | head -3)" cmp wanted.txt found.txt
}

for program in sorts floats parameters large; do
	"$clang" --target=wasm32-wasi -Wno-deprecated -O2 $program.c -o $program.wasm && cc -O2 $program.c -lm -o native || exit 99
	./native 7 <numbers.txt >wanted.txt
	! grep -q 'no memory' wanted.txt || continue # here
	that "$program prints something" test -s wanted.txt
	command -v node >/dev/null && gives "$program in Node.js" run_node $program.wasm
	for way in interp:guard interp:explicit baseline:guard 1:guard 2:guard 2:explicit; do
		gives "$program, $way" "$vspc" --tier=${way%:*} --bounds=${way#*:} --sync-compile $program.wasm -- 7
	done
	for options in "-O2" "-O0 --bounds=explicit"; do
		# shellcheck disable=SC2086 # options
		"$vspc" --aot $options $program.wasm -o compiled >said.txt 2>&1 || continue
		gives "$program ahead of time, $options" ./compiled 7
	done
done
finish
