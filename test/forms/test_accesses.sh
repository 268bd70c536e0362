# Every access of the table at the ends of memory, compiled ahead of time with precise traps:
#     sh test_accesses.sh VSPC FORMS [GNU_NAME]
# FORMS prints the program (forms.c); accesses.c, which calls it, states what must happen. Status
# 77: a tool is missing.
set -u
vspc=$1 forms=$2 target=${3:-}
. "$(dirname "$0")/../aot/lib.sh"
run=
if [ -n "$target" ]; then
	cc=$target-gcc run="qemu-${target%%-*} -L /usr/$target"
	needs "qemu-${target%%-*}" "$cc"
fi
"$forms" --accesses >accesses.sil || fail "$forms"
for options in "-O0" "-O3" "-O2 --bounds=explicit"; do
	# shellcheck disable=SC2086
	aot $options --precise-traps accesses.sil -o accesses.a
	"$cc" -I"$source/include" "$source/test/forms/accesses.c" accesses.a -lm -pthread -o accesses || fail "linking"
	# shellcheck disable=SC2086
	$run ./accesses >found || fail "with $options: $(tail -n 4 found)"
done
finish
