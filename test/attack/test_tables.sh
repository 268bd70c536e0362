# No jump goes through a table without a range check before it: in the code of a RET that may go to
# many places and of a BRTAB, with and without optimisation, for two processors. A target that the
# compiler lacks is left out.
. "$(dirname "$0")/../cli/lib.sh"
cat >returns.sil <<'END'
.func main() -> 1
	MOVI R5, 3
	CALL step
	CALL step
	CALL step
	CALL step
	CALL step
	CALL step
	CALL step
	CALL step
	CMP R0, R1
	CMP R5, R6
	JZ  out
	CALL step
out:
	RET
step:
	HCALL test.note
	RET
.end
.import test.note(1) -> 1
END
cat >table.sil <<'END'
.import test.note(1) -> 1
.func main() -> 1
	HCALL test.note
	BRTAB R0, a, b, c, d, e, f, g
	RET
a:	HCALL test.note
b:	HCALL test.note
	ADDI R0, R0, 1
c:	HCALL test.note
d:	HCALL test.note
	ADDI R0, R0, 2
e:	HCALL test.note
f:	HCALL test.note
	ADDI R0, R0, 3
g:	HCALL test.note
	RET
.end
END
# Prints "checked" when every jump through a table has a comparison and a branch of its own shortly
# before it - without optimisation values are spilled in between - "none" without such jumps, and
# else "bare".
cat >look.awk <<'END'
/^[ \t]*(\.|#)/ || /:$/ { next }
/^[ \t]+((notrack[ \t]+)?jmpq?[ \t]+\*|br[ \t]+x)/ { tables++; if (!branch || NR_code - branch > 100) bare++; branch = 0 }
{ NR_code++ }
/^[ \t]+(ja|jae|jb|jbe|b\.hi|b\.hs|b\.lo|b\.ls)[ \t]/ { branch = NR_code }
END { print !tables ? "none" : bare ? "bare" : "checked" }
END
[ -e "$(dirname "$vspc")/../lib/libvsp-aot.so" ] || finish
for program in returns table; do
	for target in x86_64-linux-gnu aarch64-linux-gnu; do
		for level in -O0 -O2; do
			"$vspc" --aot $level --target=$target $program.sil -o $program.s 2>err.txt || continue
			found=$(awk -f look.awk $program.s)
			case $level$target in
			-O2x86*) expect 0 checked '' echo "$found" ;;
			*) that "$program $target $level: $found" [ "$found" != bare ] ;;
			esac
		done
	done
done
finish
