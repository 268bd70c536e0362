# Programs that import WASI, ahead of time: sh test_wasi.sh VSPC WASI_HOST. Executables are granted
# what they were compiled with, and shared objects what their host grants.
set -u
vspc=$1
host=$2
. "$(dirname "$0")/lib.sh"
programs=$source/test/wasi

# status WHAT STATUS OUTPUT COMMAND...
status() {
	what=$1 wanted=$2 output=$3
	shift 3
	found=$("$@" 2>errors)
	same "status of $what" "$wanted" $?
	same "output of $what" "$output" "$found"
}

# Output by both ways, in order, and the program's own status, at every level.
for level in 0 1 2 3; do
	aot -O$level "$programs/hello.sil" -o hello
	status "hello at -O$level" 7 'first hello' ./hello
done
aot --bounds=explicit "$programs/hello.sil" -o hello
status "hello with explicit bounds" 7 'first hello' ./hello
aot --no-signals --bounds=explicit --status-returns "$programs/hello.sil" -o hello
status "hello without signals" 7 'first hello' ./hello

# Input.
aot "$programs/cat.sil" -o cat
printf 'some input' >in.txt
status "a file as input" 0 'some input' sh -c './cat <in.txt'
status "a pipe as input" 0 piped sh -c 'printf piped | ./cat'
aot --deny=stdio "$programs/cat.sil" -o cat
status "input that was not granted" 76 '' sh -c './cat <in.txt'

# Arguments, variables, clocks and chance, as vspc grants them. All arguments are the program's.
shown() { ./grants "$@" | tr '\000' '|' | tr '\n' ' '; }
aot "$programs/grants.sil" -o grants
same "nothing is granted but arguments" "1 grants| 0  76 76 8 " "$(shown)"
same "all arguments are the program's" "4 grants|--dir=x||--| 0  76 76 8 " "$(shown --dir=x '' --)"
same "a path is not shown" "1 grants| 0  76 76 8 " "$("$work/grants" | tr '\000' '|' | tr '\n' ' ')"
aot --allow=clock,random "$programs/grants.sil" -o grants
same "--allow" "1 grants| 0  8 " "$(shown)"
aot --allow=all --deny=clock,args "$programs/grants.sil" -o grants
same "--deny" "76 76 0  0  76 8 " "$(shown)"
unset NOT_SET
PASSED=earlier aot --env=A=1 --env B= --env=NOT_SET --env=PASSED --env=C=x=y "$programs/grants.sil" -o grants
same "--env" "1 grants| 4 A=1|B=|PASSED=on|C=x=y| 76 76 8 " "$(PASSED=on shown)"
aot --dir=. "$programs/grants.sil" -o grants
same "--dir" "1 grants| 0  76 76 " "$(shown)"
mkdir elsewhere
same "folders are found from where the program runs" "1 grants| 0  76 76 " "$(cd elsewhere && ../grants | tr '\000' '|' | tr '\n' ' ')"
aot --dir=elsewhere "$programs/grants.sil" -o grants
rmdir elsewhere
status "a folder that is not there" 2 '' ./grants
holds "a folder that is not there" errors "grants: error: cannot open the folder 'elsewhere': No such file or directory"

# Files, in the sandbox.
if command -v python3 >/dev/null; then
	python3 "$programs/files.py" >files.sil
	echo secret >secret
	aot --dir=granted::/ --dir=granted::/ro:ro files.sil -o files
	mkdir granted
	ln -s ../secret granted/out
	status "files" 0 '' ./files
	same "what was written" words "$(head -c 5 granted/d/f)"
	same "the time" 5 "$(stat -c %Y granted/d/f)"
	same "the size" 200 "$(stat -c %s granted/d/f)"
	rm -rf granted/*
	ln -s ../secret granted/out
	aot --dir=granted:ro --dir=granted files.sil -o files
	status "a folder that is only read" 1 '69
4' ./files
	same "it is unchanged" out "$(ls granted)"
fi

# Shared objects.
aot "$programs/grants.sil" -o grants.so
"$host" ./grants.so text . >host.txt || fail "the host"
same "a host's grants" "1 text| 1 A=text|  76 76 0  0  76 76 8  " "$(tr '\000' '|' <host.txt | tr '\n' ' ')"

# Grants without effect.
printf '\tHLT\n' >plain.sil
"$vspc" --aot --dir=. plain.sil -o plain 2>errors || fail "--dir without WASI"
holds "--dir without WASI" errors "note: '--dir' has no effect: the program imports nothing from WASI"

# What is refused.
printf '.import wasi_snapshot_preview1.fd_write(3) -> 1\n\tHCALL wasi_snapshot_preview1.fd_write\n\tHLT\n' >wrong.sil
refused "imports 'wasi_snapshot_preview1.fd_write' as 3 -> 1, but it is 4 -> 1" --aot wrong.sil -o refused
printf '.import wasi_snapshot_preview1.sched_yield() -> 1\n.import env.f() -> 0\n\tHCALL env.f\n\tHLT\n' >other.sil
refused "the program imports 'env.f'" --aot other.sil -o refused
refused "'--dir' and '--env' are for executables" --aot --dir=. "$programs/hello.sil" -o refused.so
refused "'--dir' and '--env' are for executables" --aot --env=A=1 "$programs/hello.sil" -o refused.o
refused "'::a' is no value for '--dir'" --aot --dir=::a "$programs/hello.sil" -o refused
finish
