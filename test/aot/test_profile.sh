# Profiles from the command line: sh test_profile.sh VSPC. Runs count, compilation ahead of time
# uses the counts, and both report errors.
set -u
vspc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
. "$(dirname "$0")/lib.sh"

# 1,000 rounds. Every tenth goes through the block at rare, which is between the blocks of all
# others; one in five calls the second function; cold is never called.
cat >rare.sil <<'END_SIL'
.func main() -> 0
	MOVI R0, 0
	MOVI R5, 1000
	MOVI R8, 10
	MOVI R9, 5
round:	MOD R6, R5, R8
	BNZ R6, often
rare:	XORI R0, R0, 77
	MULI R0, R0, 3
	BLT R0, R5, often
	ANDI R0, R0, 0xFFFF
often:	MOD R6, R5, R9
	MOVI R7, 2
	BNZ R6, call
	MOVI R7, 3
call:	INVOKEI R7, 1, 1
	ADDI R5, R5, -1
	BNZ R5, round
	MOVI R6, 1
	BNZ R6, end
	INVOKE cold
end:	SYSCALL 2
	RET
.end
.func cold(1) -> 1
	MULI R0, R0, 99
	RET
.end
.func one(1) -> 1
	ADDI R0, R0, 1
	RET
.end
.func two(1) -> 1
	ADDI R0, R0, 2
	RET
.end
END_SIL
"$vspc" --tier=interp rare.sil >expected.txt || fail "the run"
for tier in interp 1 auto; do
	"$vspc" --tier=$tier --profile-out=$tier.prof rare.sil >found.txt || fail "counting in tier $tier"
	cmp expected.txt found.txt || fail "the output of a counted run in tier $tier"
	cmp interp.prof $tier.prof || fail "counts in tier $tier"
done
holds "taken and not" interp.prof " 900 100"
holds "the loop" interp.prof " 999 1"
holds "callees" interp.prof "1000 4 200 3 800 0 0 0 0"

for level in 0 1 2 3; do
	"$vspc" --aot -O$level --profile-use=interp.prof rare.sil -o "with$level" || fail "-O$level"
	"./with$level" >found.txt || fail "running -O$level"
	cmp expected.txt found.txt || fail "the output of -O$level with a profile"
done
"$vspc" --aot -O2 --profile-use=interp.prof rare.sil -o again || fail "the second time"
cmp with2 again || fail "the same profile gives other bytes"

# Weights are the counts plus one: those of the branches, in LLVM's order, and of the callees,
# with all others first.
"$vspc" --aot -O0 --profile-use=interp.prof rare.sil -o weights.ll || fail "IR"
"$vspc" --aot -O0 rare.sil -o plain.ll || fail "IR without a profile"
holds "the branch over rare" weights.ll '!{!"branch_weights", i32 901, i32 101}'
holds "the loop" weights.ll '!{!"branch_weights", i32 1000, i32 2}'
holds "the callees" weights.ll '!{!"branch_weights", i32 1, i32 801, i32 201}'
holds "entries" weights.ll '!{!"function_entry_count", i64 800}'
holds "a call never made" weights.ll 'cold noinline'
grep -q '901' plain.ll && fail "weights without a profile"

# Code is laid out by it.
"$vspc" --aot --profile-use=interp.prof rare.sil -o with.s || fail "assembly"
"$vspc" --aot rare.sil -o plain.s || fail "assembly without a profile"
cmp -s with.s plain.s && fail "a profile changes nothing"

# Refusals.
sed 's/1000$/1001/' rare.sil >other.sil
refused "the profile is of another program: of $(sed -n 's/module //p' interp.prof), and this is " --aot --profile-use=interp.prof other.sil -o refused.so
head -c 100 interp.prof >short.prof
refused "'short.prof': line" --aot --profile-use=short.prof rare.sil -o refused.so
refused "'rare.sil': line 1 of the profile: this is no profile" --aot --profile-use=rare.sil rare.sil -o refused.so
refused "cannot read 'none.prof'" --aot --profile-use=none.prof rare.sil -o refused.so
refused "'--profile-use' is for '--aot'" --profile-use=interp.prof rare.sil
refused "'--profile-out' needs a run" --verify --profile-out=refused.so rare.sil
refused "optimised code does not count" --tier=2 --profile-out=refused.so rare.sil
refused "cannot write" --profile-out=no/such/folder.prof rare.sil

# A run that traps is counted up to the trap.
printf '.func main() -> 0\nMOVI R1, 3\nagain: ADDI R1, R1, -1\nBNZ R1, again\nTRAP 7\n.end\n' >trap.sil
"$vspc" -q --profile-out=trap.prof trap.sil
same "status of a trap" 1 $?
holds "counts before a trap" trap.prof " 2 1"

finish
