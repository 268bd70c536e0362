# --gdb: breakpoints on source lines of compiled code are hit, and back traces name functions and
# lines, inlined ones too.
. "$(dirname "$0")/../cli/lib.sh"
here=$source_dir/test/observe
cp "$here/rise.sil" "$here/inline.sil" .

# debug COMMANDS PROGRAM OPTIONS...: the output of gdb while it runs vspc.
debug() {
	{
		printf 'set confirm off\nset pagination off\nset breakpoint pending on\nset debuginfod enabled off\n'
		printf 'set disable-randomization off\nhandle SIGSEGV nostop noprint pass\n%b' "$1"
	} >commands
	shift
	"$GDB" -nx -batch -x commands --args "$vspc" "$@" --gdb --sync-compile
}

# shows PATTERN...: lines of the last output match these extended regular expressions, in this
# order.
shows() {
	cp out.txt rest.txt
	for pattern in "$@"; do
		checks=$((checks + 1))
		line=$(grep -n -m 1 -E -- "$pattern" rest.txt | cut -d : -f 1)
		if [ -z "$line" ]; then
			failures=$((failures + 1))
			printf 'FAILED: gdb shows no "%s" here:\n' "$pattern"
			cat out.txt
			return
		fi
		sed "1,${line}d" rest.txt >next.txt
		mv next.txt rest.txt
	done
}

# Where vspc has debugging information, and main has inlined calls, its frame has no address. Its
# last call may be a tail call, which leaves no frame of main.
main='^#[0-9]+ .*(main|parse_and_run) \((\)|argc)'

# Tier 1: through to main of vspc, by way of tier 0's frames and back into compiled code.
debug 'break rise.sil:20\nrun\nbt\ncontinue\nbt\ninfo source\n' rise.sil --tier=1 >out.txt 2>&1
shows 'hit Breakpoint 1(\.[0-9]+)?, square \(\) at rise.sil:20' '^20' '^#0 +square \(\) at rise.sil:20' '^#1 .* in square.enter \(\)' \
	' in main \(\) at rise.sil:8' ' vsp_run ' "$main" 'hit Breakpoint 1(\.[0-9]+)?, square' '^#1 .* in main \(\) at rise.sil:8' \
	"$main" 'Located in .*/rise.sil'
checks=$((checks + 1))
grep -i 'warning' out.txt && failures=$((failures + 1))

# By name; and after the program the code is taken back.
debug 'break square\nrun\nbt 1\ndelete\ncontinue\n' rise.sil --tier=1 >out.txt 2>&1
shows 'hit Breakpoint 1(\.[0-9]+)?, (0x[0-9a-f]+ in )?square \(\) at rise.sil:(19|20)' '^#0 ' 'exited normally'

# Tier 2: inlined functions have frames of their own.
debug 'break inline.sil:28\nrun\nbt\n' inline.sil --tier=2 >out.txt 2>&1
shows 'hit Breakpoint 1(\.[0-9]+)?, inner \(\) at inline.sil:28' '^#0 .*inner \(\) at inline.sil:28' '^#1 .*outer \(\) at inline.sil:(18|21)' \
	'^#2 .*main \(\) at inline.sil:8' ' vsp_run ' "$main"

# Baseline code, through the interpreter's frames to main of vspc, where this build has it.
if ! "$vspc" rise.sil --tier=baseline --stats 2>&1 | grep -q 'this build makes no baseline code'; then
	debug 'break rise.sil:20\nrun\nbt\n' rise.sil --tier=baseline >out.txt 2>&1
	shows 'Breakpoint 1(\.[0-9]+)?, square \(\) at rise.sil:20' '^#0 +square \(\) at rise.sil:20' ' vsp_run ' "$main"
fi

# Tiering up: the breakpoint is set anew in each unit that holds the line.
debug 'break inline.sil:28\nrun\ninfo breakpoints\nbt\n' inline.sil >out.txt 2>&1
shows 'inner \(\) at inline.sil:28' '^#0 .*inner' "$main"

# Without a line table there are the names.
expect 0 '' '' "$vspc" --asm rise.sil -o rise.silc
that 'the line table goes' "$PYTHON" "$here/strip_lines.py" rise.silc plain.silc
expect 0 '*' '' "$vspc" plain.silc
debug 'break square\nrun\nbt\n' plain.silc --tier=1 >out.txt 2>&1
shows 'hit Breakpoint 1' '^#0 .* in square \(\)' ' in main \(\)' ' vsp_run '
finish
