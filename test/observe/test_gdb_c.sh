# A C program under --gdb: a breakpoint on a line of its source stops there, and back traces have C
# functions and lines.
. "$(dirname "$0")/../cli/lib.sh"
cat >part.c <<'C'
#include <stdio.h>
__attribute__((noinline)) int part(int n)
{
	printf("%d\n", n);
	return n / 2;
}
int main(void)
{
	int n = part(7);
	return part(n);
}
C
"$vspc" --cc part.c -o part.silc 2>said.txt || {
	echo "skipped: $(head -1 said.txt)"
	exit 77
}
printf 'set confirm off\nset breakpoint pending on\nset debuginfod enabled off\nset disable-randomization off\n' >commands
printf 'handle SIGSEGV nostop noprint pass\nbreak part.c:5\nrun\nbt\n' >>commands
"$GDB" -nx -batch -x commands --args "$vspc" part.silc --tier=2 --gdb --sync-compile >out.txt 2>&1
that "stops at the line: $(cat out.txt)" grep -Eq 'hit Breakpoint 1(\.[0-9]+)?, part \(\) at part.c:5' out.txt
that 'the caller and its line' grep -Eq '^#[1-9]+ .*main \(\) at part.c:9' out.txt
finish
