# A C program under --trace and perf: functions and lines are those of its source.
. "$(dirname "$0")/../cli/lib.sh"
cat >hot.c <<'C'
volatile unsigned sink;
__attribute__((noinline)) unsigned busy(unsigned n)
{
	unsigned h = 1;
	for (unsigned i = 0; i < n; i++)
		h = h * 31 + (h >> 7);
	return h;
}
int main(void)
{
	for (int i = 0; i < 300; i++)
		sink += busy(300000);
	return 0;
}
C
"$vspc" --cc hot.c -o hot.silc 2>said.txt || {
	echo "skipped: $(head -1 said.txt)"
	exit 77
}
expect 0 '' '' "$vspc" --trace=trace.json --sync-compile hot.silc
that 'the trace has the C function and its line' grep -Eq '"function":"busy"[^}]*"file":"hot.c","line":[5-7]' trace.json
if command -v perf >/dev/null && perf record -q -o perf.data true 2>/dev/null; then
	perf record -q -o perf.data "$vspc" --perf --sync-compile --no-sandbox hot.silc >said.txt 2>&1
	perf report -q -i perf.data --stdio >report.txt 2>&1
	that "perf report names it: $(head -20 report.txt)" grep -q 'busy' report.txt
fi
finish
