# Instances over several runs, and host and program that call each other, in the settings that
# change how runs begin and end: sh test_lives.sh VSPC AOT_LIVES LIVES.sil.
set -u
vspc=$1 lives=$2 program=$3
. "$(dirname "$0")/lib.sh"
for options in "" -O0 "--bounds=explicit" "--bounds=explicit --no-signals" --status-returns --precise-traps; do
	aot $options "$program" -o lives.so
	unset VSP_TEST_EXPLICIT
	case $options in *explicit*) export VSP_TEST_EXPLICIT=1 ;; esac
	"$lives" ./lives.so || fail "with '$options'"
done
for options in --check-kernels "--check-kernels --bounds=explicit"; do
	aot $options "$program" -o lives.so
	unset VSP_TEST_EXPLICIT
	case $options in *explicit*) export VSP_TEST_EXPLICIT=1 ;; esac
	VSP_TEST_CHECKED=1 "$lives" ./lives.so || fail "with '$options'"
done
unset VSP_TEST_EXPLICIT
aot --max-depth=1000 "$program" -o lives.so
"$lives" ./lives.so 1000 || fail "with a maximum"
finish
