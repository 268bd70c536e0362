# Ends of compiling ahead of time: sh test_ends.sh VSPC. None leaves anything but the output, and
# after a signal vspc ends by it.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
needs ps
write_first

# A linker that says when it runs, and then does not end by itself.
mkfifo started
printf '#!/bin/sh\necho $$ >%s/started\nexec sleep 60\n' "$work" >slow
chmod +x slow

# clean WHAT: the output is not there, nor any file beside it.
clean() { [ -z "$(ls -d out* 2>/dev/null)" ] || fail "$1: left $(echo out*)"; }

for signal in TERM HUP; do # shells have background jobs ignore INT
	VSP_CC=$work/slow "$vspc" --aot first.sil -o out.so 2>message.txt &
	child=$!
	read -r linker <started
	[ -n "$(ls -d out.so.*/ 2>/dev/null)" ] || fail "the folder for temporary files is not where it should be"
	kill -s $signal $child
	wait $child 2>/dev/null
	same "end by SIG$signal" $signal "$(kill -l $?)"
	clean "SIG$signal while it links"
	case $(ps -o stat= -p "$linker") in '' | Z*) ;; *) fail "SIG$signal: the linker goes on" ;; esac
done

# At random moments in between; at the end the whole output may be there already.
"$vspc" --aot "$source/examples/sha256.sil" -o whole.so || fail "cannot compile"
for hundredths in 01 03 06 10 15; do
	"$vspc" --aot "$source/examples/sha256.sil" -o out.so 2>/dev/null &
	child=$!
	sleep 0.$hundredths
	kill $child 2>/dev/null
	wait $child 2>/dev/null
	status=$?
	if [ $status = 0 ]; then
		rm -f out.so
	else
		same "SIGTERM after 0.$hundredths s" 143 $status
		cmp -s out.so whole.so && rm -f out.so
	fi
	clean "SIGTERM after 0.$hundredths s"
done

# A compiler that dies is an error with a message.
printf '#!/bin/sh\nkill -9 $PPID\nsleep 1\n' >killer
chmod +x killer
message=$(VSP_CC=$work/killer "$vspc" --aot first.sil -o out.so 2>&1)
same 'status when the compiler dies' 2 $?
case $message in *'the compiler has died: Killed'*) ;; *) fail "the compiler dies: $message" ;; esac
clean 'the compiler dies'

# A process that cannot be started is no compiler that died. Root may always start one.
as_nobody() { setpriv --reuid=65534 --clear-groups prlimit --nproc=0 "$@"; }
if [ "$(id -u)" = 0 ] && as_nobody "$vspc" --version >/dev/null 2>&1; then
	chmod 755 . && mkdir open && chmod 777 open
	message=$(as_nobody "$vspc" --aot first.sil -o open/out.so 2>&1)
	same 'status when no process can be started' 2 $?
	case $message in *'cannot start a process for the compiler'*) ;; *) fail "no process: $message" ;; esac
	rmdir open || fail 'no process could be started, and files are left'
fi

# The message says when no file can be made, and when a linker leaves unexpected files.
refused "cannot write 'no/such/refused.so'" --aot first.sil -o no/such/refused.so
printf '#!/bin/sh\nfor last; do :; done\ncd out.so.*/ && touch a b c\nexit 1\n' >messy
chmod +x messy
VSP_CC=$work/messy "$vspc" --aot first.sil -o out.so 2>/dev/null
same 'status of a failed link' 2 $?
clean 'a failed link'

# A signal that is ignored, as under nohup, ends nothing.
sh -c "trap '' HUP; echo ready >started; exec '$vspc' --aot first.sil -o out.so" &
child=$!
read -r ready <started
for i in 1 2 3 4 5 6; do kill -s HUP $child 2>/dev/null; sleep 0.03; done
wait $child
same 'status with SIGHUP ignored' 0 $?
[ -s out.so ] || fail 'SIGHUP is ignored, and there is no output'
rm -f out.so
# A parent that ignores the end of its children.
sh -c "trap '' CHLD; exec '$vspc' --aot first.sil -o out" || fail 'SIGCHLD is ignored'
same 'the output' 15 "$(./out)"
rm -f out
clean 'at the end'
finish
