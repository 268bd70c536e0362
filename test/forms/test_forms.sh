# Every form of the table that computes, loads, stores or branches, compiled ahead of time:
#     sh test_forms.sh VSPC FORMS LEVEL...
# FORMS prints the program (forms.c); its output at each level of optimisation must be tier 0's on
# this machine. VSP_TEST_AOT, VSP_TEST_RUN, VSP_TEST_SUFFIX and VSP_TEST_NEEDS are those of
# test_executables.sh. VSP_TEST_TIERS lists further tiers that VSPC runs the program in. Without
# levels VSPC itself is of another machine: it runs the program, and VSP_TEST_NATIVE names vspc of
# this machine. Status 77: a tool is missing.
set -u
vspc=$1 forms=$2
shift 2
. "$(dirname "$0")/../aot/lib.sh"
for tool in ${VSP_TEST_NEEDS:-} ${VSP_TEST_NATIVE:+"$VSP_TEST_NATIVE" "$forms"}; do
	needs "$tool"
done
"$forms" >forms.sil && "$forms" --names >names || fail "$forms"
"${VSP_TEST_NATIVE:-$vspc}" --tier=interp forms.sil >expected || fail "tier 0 on this machine"
same "lines of output" "$(wc -l <names)" "$(wc -l <expected)"

# alike WHAT FILE: names the forms whose results differ.
alike() {
	tr -d '\r' <"$2" | paste names - >found
	paste names expected >wanted
	same "forms that differ, $1" "" "$(diff wanted found | sed -n 's/^> \(.*\)\t.*/\1/p' | tr '\n' ',')"
}

if [ $# = 0 ]; then
	"$vspc" --tier=interp forms.sil >interpreted || fail "$vspc ended with $?"
	alike "tier 0" interpreted
fi
for tier in ${VSP_TEST_TIERS:-}; do
	"$vspc" --tier="$tier" --sync-compile forms.sil >"tier$tier" || fail "$vspc --tier=$tier ended with $?"
	alike "tier $tier" "tier$tier"
done
for level; do
	program=./forms$level${VSP_TEST_SUFFIX:-}
	# shellcheck disable=SC2086
	aot -O"$level" ${VSP_TEST_AOT:-} forms.sil -o "$program"
	# shellcheck disable=SC2086
	${VSP_TEST_RUN:-} "$program" >"compiled$level" 2>errors || fail "-O$level ended with $?: $(head -n 2 errors)"
	alike "-O$level" "compiled$level"
done
finish
