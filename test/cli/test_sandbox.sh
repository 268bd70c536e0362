# The sandbox: all threads of a run are in it, everything that a run needs works in it, and
# --no-sandbox turns it off.
. "$(dirname "$0")/lib.sh"

# Where the system, an emulator of it or the build has no such means, a run reports that and goes
# on.
"$vspc" --stats sum.sil >out.txt 2>stats.txt
that "a run says whether it is confined" grep -q '^sandbox ' stats.txt
that "--no-sandbox is said too" sh -c "'$vspc' --no-sandbox --stats sum.sil 2>&1 | grep -q '^sandbox       none: --no-sandbox'"
expect 0 '' '~vspc: sandbox: none: --no-sandbox' "$vspc" -v --no-sandbox sum.sil
grep -q '^sandbox       system calls' stats.txt || { echo "not confined here: $(grep '^sandbox' stats.txt)"; finish; }

# Counts, then waits for input.
cat >wait.sil <<'END'
.func main
	MOVI R1, 200000
next:	ADDI R1, R1, -1
	BNZ R1, next
	IN R0, 0
	HLT
.end
END
mkfifo input

# with_threads FIELD VALUE OPTIONS...: once the run waits, each of its threads has the value.
with_threads() {
	field=$1 value=$2
	shift 2
	"$vspc" "$@" wait.sil <input &
	run=$!
	exec 3>input
	waited=0
	until grep -q '^State:.*sleeping' /proc/$run/status && grep -q "^$field:.$value" /proc/$run/status || [ $waited = 50 ]; do
		sleep 0.1
		waited=$((waited + 1))
	done
	sed -n "s/^$field:.//p" /proc/$run/task/*/status | sort | uniq -c >threads.txt
	exec 3>&-
	wait $run
	[ "$(sed 's/ *[0-9]* //' threads.txt)" = "$value" ] || { cat threads.txt; false; }
}
that "system calls are filtered" with_threads Seccomp 2 --tier=interp
that "no privileges can be had" with_threads NoNewPrivs 1 --tier=interp
that "the compile thread and that of the time-out are confined" with_threads Seccomp 2 --timeout=30s
that "there was more than one thread" sh -c "[ \$(sed 's/^ *\\([0-9]*\\) .*/\\1/' threads.txt) -ge 2 ]"
that "without the sandbox nothing is filtered" with_threads Seccomp 0 --no-sandbox

# A signal sent by another process is not reported as a refused call.
printf 'loop: JMP loop\n' >loop.sil
"$vspc" loop.sil 2>sent.txt &
run=$!
until grep -q '^Seccomp:.2' /proc/$run/status 2>/dev/null; do sleep 0.05; done
kill -s SYS $run
wait $run 2>/dev/null
that "a signal from outside ends the run" [ $? -gt 128 ]
that "and is not called a system call" sh -c '! grep -q "system call" sent.txt'

# With hardly a descriptor left outputs are written or refused, and nothing else is.
for n in 7 8 9 10 11 12 13 14 15 16 17 18; do
	rm -f t.json p.txt
	printf 'a log\n' >log
	printf 'a request' | sh -c "ulimit -n $n; exec '$vspc' sum.sil --trace=t.json --profile-out=p.txt" >out.txt 2>>log
	status=$?
	that "with $n descriptors the log is kept" sh -c 'head -n 1 log | grep -qx "a log"'
	that "with $n descriptors nothing is printed" [ ! -s out.txt ]
	that "with $n descriptors status $status is 0 or 2" [ $status = 0 -o $status = 2 ]
	[ $status = 0 ] && that "with $n descriptors both are there" test -s t.json -a -s p.txt
done

# A run in a folder that it may not read any more, with a compiler that it loads.
expect 0 '' '*' "$vspc" sum.sil --output="$folder/out"
mkdir elsewhere && cd elsewhere || exit 99
expect 0 '' '' "$vspc" ../wait.sil --input=/dev/null
if has_compiler; then
	expect 0 '*' '~"tier":2' "$vspc" --stats=json --sync-compile --input=/dev/null ../wait.sil
	expect 0 '*' '~"tier":2' "$vspc" --stats=json --sync-compile --cache=../cache --input=/dev/null ../wait.sil
	that "the cache is filled" sh -c 'ls ../cache/*/*.t2'
	expect 0 '*' '~"cached":1' "$vspc" --stats=json --sync-compile --cache=../cache --input=/dev/null ../wait.sil
	expect 0 '*' '*' "$vspc" --sync-compile --trace=t.json --emit-llvm=e.ll --profile-out=p.txt --input=/dev/null ../wait.sil
	that "all files are written" test -s t.json -a -s e.ll -a -s p.txt
fi
finish
