# A compiled program contains only those parts of the runtime that it uses: sh test_size.sh VSPC.
# The test checks the symbols, and the size only by a generous bound.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
needs nm

# program NAME TEXT: compiles TEXT into NAME.o, with the names in NAME.names, and NAME.so.
program() {
	printf "$2" >"$1.sil"
	aot "$1.sil" -o "$1.o"
	aot "$1.sil" -o "$1.so"
	nm "$1.o" | sed 's/^.* //' >"$1.names"
	nm -D --undefined-only "$1.so" | sed 's/^.* //; s/@.*//' >>"$1.names"
}

# without NAME PATTERN: no name of the program's fits.
without() { ! grep -Eq "$2" "$1.names" || fail "$1 holds $(grep -E "$2" "$1.names" | tr '\n' ' ')"; }

# with NAME PATTERN: the part that other programs lack is there under that name.
with() { grep -Eq "$2" "$1.names" || fail "$1 does not hold $2"; }

# bound NAME BYTES
bound() {
	size=$(wc -c <"$1.so")
	[ "$size" -lt "$2" ] || fail "$1.so has $size bytes"
}

services='vsp_rt_syscall|vsp_rt_call_[A-Z]'
floats='vsp_parse_f64|strtod|PRINT_FLOAT'
tables='vsp_bytesil_sums'
batches='vsp_backends_create|vsp_rt_v(map|red)|cpu_'
wasi='vsp_wasi_|openat|readlinkat'
functions='vsp_rt_(sin|cos|pow)_f|^(sin|cos|pow)$'
features='vsp_plat_feature|vsp_aot_check_features'

program empty '\tHLT\n'
without empty "$wasi|$services|$floats|$tables|$batches|$functions|$features|vsp_rt_(hcall|memgrow|pipe|launch|emerge)|getentropy|clock_gettime|^main$|stdout"
bound empty 73728
! grep -q debug_line empty.o || fail "the object has a line table, whose lines would be code addresses"

program prints '\tSYSCALL 2\n\tHLT\n'
with prints call_PRINT_INT
without prints "$floats|$tables|$batches|$functions|_call_(READ|CLOCK|RANDOM|ARG|ASSERT)|getentropy|clock_gettime"
bound prints 77824

program prints_float '\tSYSCALL 3\n\tHLT\n'
with prints_float strtod
without prints_float "$tables|$batches|call_(READ|CLOCK|PRINT_INT)"

program sums '\tADD.B R0, R1, R2\n\tHLT\n'
with sums "$tables"
without sums "$services|$floats|$batches"

program sines '\tSIN.F R0, R1\n\tHLT\n'
with sines 'vsp_rt_sin_f'
without sines "$services|$floats|$tables|$batches|_(cos|pow)_f"

program maps '\tVMAP.COPY R0, R1, R2\n\tHLT\n'
with maps "$batches"
without maps "$services|$functions"

program imports '.import wasi_snapshot_preview1.sched_yield(0) -> 1\n\tHCALL wasi_snapshot_preview1.sched_yield\n\tHLT\n'
with imports "$wasi"
without imports "$services|$floats|$tables|$batches"
bound imports 150000

# A program that uses all parts.
cp "$source/examples/matmul.sil" matmul.sil
aot matmul.sil -o matmul.so
bound matmul 200000
finish
