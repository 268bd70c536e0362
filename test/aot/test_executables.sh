# Programs as executables print the same and end with the same status as in tier 0: sh test_executables.sh VSPC PROGRAM... Programs whose comments ask for
# options, input or a call are left to the tests of shared objects. For another machine VSP_TEST_AOT has options for vspc and VSP_TEST_RUN the
# command that runs its executables, which have VSP_TEST_SUFFIX; status 77: one of the tools that VSP_TEST_NEEDS lists is missing.
set -u
for tool in ${VSP_TEST_NEEDS:-}; do
	command -v "$tool" >/dev/null || { echo "skipped: $tool is missing" && exit 77; }
done
vspc=$1
shift
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
trap_kind() { sed -n 's/.*trap: \([A-Z_]*\).*/\1/p' "$1" | head -1; }
for program; do
	grep -Eq '^; (invoke|input|flags|args|expect-exit: 2)' "$program" && continue
	"$vspc" --tier=interp "$program" </dev/null >"$work/expected" 2>"$work/expected.err"
	expected=$?
	if ! "$vspc" --aot ${VSP_TEST_AOT:-} "$program" -o "$work/program${VSP_TEST_SUFFIX:-}"; then
		failures=$((failures + 1))
		continue
	fi
	${VSP_TEST_RUN:-} "$work/program${VSP_TEST_SUFFIX:-}" </dev/null >"$work/found" 2>"$work/found.err"
	found=$?
	if [ $expected -ne $found ] || ! cmp -s "$work/expected" "$work/found"; then
		echo "FAIL: $program: status $expected and $found" >&2
		failures=$((failures + 1))
	fi
	# The kind of trap is the same; tier 0 knows more details.
	if [ "$(trap_kind "$work/expected.err")" != "$(trap_kind "$work/found.err")" ]; then
		echo "FAIL: $program: $(head -1 "$work/expected.err") and $(head -1 "$work/found.err")" >&2
		failures=$((failures + 1))
	fi
done
[ $failures -eq 0 ] && echo "all as expected"
exit $failures
