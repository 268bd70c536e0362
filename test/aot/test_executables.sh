# Programs as executables print the same and end with the same status as in tier 0: sh
# test_executables.sh VSPC PROGRAM... Programs whose comments ask for options, input or a call are
# left to the tests of shared objects. For another machine VSP_TEST_AOT has options for vspc and
# VSP_TEST_RUN the command that runs its executables, which have VSP_TEST_SUFFIX; status 77: one of
# the tools that VSP_TEST_NEEDS lists is missing.
set -u
vspc=$1
shift
. "$(dirname "$0")/lib.sh"
needs ${VSP_TEST_NEEDS:-}
trap_kind() { sed -n 's/.*trap: \([A-Z_]*\).*/\1/p' "$1" | head -1; }
for program; do
	grep -Eq '^; (invoke|input|flags|args|expect-exit: 2)' "$program" && continue
	"$vspc" --tier=interp "$program" </dev/null >expected 2>expected.err
	expected=$?
	aot ${VSP_TEST_AOT:-} "$program" -o "program${VSP_TEST_SUFFIX:-}"
	timeout 120 ${VSP_TEST_RUN:-} "./program${VSP_TEST_SUFFIX:-}" </dev/null >found 2>found.err
	found=$?
	[ $expected -eq $found ] && cmp -s expected found || fail "$program: status $expected and $found"
	# The kind of trap is the same; tier 0 knows more details.
	same "$program" "$(trap_kind expected.err)" "$(trap_kind found.err)"
done
finish
