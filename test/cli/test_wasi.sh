# WASI on the command line: which programs get it, what --dir, --env, --deny and --allow grant, in
# every tier, and what the sandbox of the process leaves of it.
. "$(dirname "$0")/lib.sh"
"$vspc" --version --tier=1 >/dev/null 2>&1 && "$vspc" --tier=1 sum.sil >/dev/null 2>&1 && tiers="interp 1 2 auto" || tiers=interp

# Prints a text and ends with status 7 and the errno of the call.
cat >hello.sil <<'END'
	.import wasi_snapshot_preview1.fd_write(4) -> 1
	.import wasi_unstable.proc_exit(1) -> 0
	.data
vector:	.word text - 0x10000, 6
done:	.word 0
first:	.ascii "first "
text:	.ascii "hello\n"
	.code
.func leave(1)
	ADDI R0, R0, 7
	HCALL wasi_unstable.proc_exit
	MOVI R0, 1
	HLT
.end
.func main
	MOVI R0, first
	MOVI R1, 6
	SYSCALL 1
	MOVI R0, 1
	MOVI R1, vector - 0x10000
	MOVI R2, 1
	MOVI R3, done - 0x10000
	HCALL wasi_snapshot_preview1.fd_write
	INVOKE leave
	HLT
.end
END
for tier in $tiers; do
	expect 7 'first hello' '' "$vspc" hello.sil --tier=$tier
	expect 7 '' '' "$vspc" hello.sil --tier=$tier --output=out.txt
	that "--output has it all, in order" [ "$(cat out.txt)" = "first hello" ]
done
expect 7 '~"status":"exited"' '' "$vspc" hello.sil --dump=json

# Reads input into memory and prints it.
cat >cat.sil <<'END'
	.import wasi_snapshot_preview1.fd_read(4) -> 1
	.import wasi_snapshot_preview1.fd_write(4) -> 1
	.data
vector:	.word buffer - 0x10000, 100
done:	.word 0
buffer:	.space 100
	.code
again:	MOVI R0, 0
	MOVI R1, vector - 0x10000
	MOVI R2, 1
	MOVI R3, done - 0x10000
	HCALL wasi_snapshot_preview1.fd_read
	BNZ R0, end
	MOVI R5, vector
	LD32U R4, [R5 + 8]
	BZ R4, end
	ST32 R4, [R5 + 4]
	MOVI R0, 1
	MOVI R1, vector - 0x10000
	MOVI R2, 1
	MOVI R3, done - 0x10000
	HCALL wasi_snapshot_preview1.fd_write
	BZ R0, again
end:	SYSCALL 0
	HLT
END
printf 'some input' >in.txt
for tier in $tiers; do
	expect 0 'some input' '' "$vspc" cat.sil --tier=$tier --input=in.txt
	expect 0 'some input' '' sh -c "'$vspc' cat.sil --tier=$tier <in.txt"
	expect 0 'piped' '' sh -c "printf piped | '$vspc' cat.sil --tier=$tier"
	expect 8 '' '' sh -c "'$vspc' cat.sil --tier=$tier <&-"
	expect 76 '' '' "$vspc" cat.sil --tier=$tier --deny=stdio
done

# A read that waits for ever is interrupted, in every tier.
mkfifo pipe
exec 4<>pipe
for tier in $tiers; do
	expect 1 '' '~INTERRUPTED' sh -c "'$vspc' cat.sil --timeout=200ms --tier=$tier <pipe"
done
exec 4>&-

# Arguments, variables, clocks and chance: the errno of each, as digits 0 and 9.
cat >grants.sil <<'END'
	.import wasi_snapshot_preview1.args_sizes_get(2) -> 1
	.import wasi_snapshot_preview1.args_get(2) -> 1
	.import wasi_snapshot_preview1.environ_sizes_get(2) -> 1
	.import wasi_snapshot_preview1.environ_get(2) -> 1
	.import wasi_snapshot_preview1.clock_time_get(3) -> 1
	.import wasi_snapshot_preview1.random_get(2) -> 1
	.import wasi_snapshot_preview1.fd_prestat_get(2) -> 1
	.data
count:	.word 0
size:	.word 0
table:	.space 256
text:	.space 1024
	.code
.func show(1)
	BZ R0, good
	SYSCALL 2
	SYSCALL 11
	RET
good:	RET
.end
.func texts
	MOVI R2, count
	LD32U R0, [R2]
	SYSCALL 2
	SYSCALL 11
	MOVI R0, text
	LD32U R1, [R2 + 4]
	SYSCALL 1
	SYSCALL 11
	RET
.end
.func main
	MOVI R0, count - 0x10000
	MOVI R1, size - 0x10000
	HCALL wasi_snapshot_preview1.args_sizes_get
	INVOKE show
	MOVI R0, table - 0x10000
	MOVI R1, text - 0x10000
	HCALL wasi_snapshot_preview1.args_get
	INVOKE show
	INVOKE texts
	MOVI R0, count - 0x10000
	MOVI R1, size - 0x10000
	HCALL wasi_snapshot_preview1.environ_sizes_get
	INVOKE show
	MOVI R0, table - 0x10000
	MOVI R1, text - 0x10000
	HCALL wasi_snapshot_preview1.environ_get
	INVOKE show
	INVOKE texts
	MOVI R0, 1
	MOVI R1, 0
	MOVI R2, table - 0x10000
	HCALL wasi_snapshot_preview1.clock_time_get
	INVOKE show
	MOVI R0, table - 0x10000
	MOVI R1, 16
	HCALL wasi_snapshot_preview1.random_get
	INVOKE show
	MOVI R0, 3
	MOVI R1, table - 0x10000
	HCALL wasi_snapshot_preview1.fd_prestat_get
	INVOKE show
	HLT
.end
END
shown() { "$vspc" grants.sil "$@" | tr '\000' '|' | tr '\n' ' '; }
that "nothing is granted but arguments" [ "$(shown)" = "1 grants.sil| 0  76 76 8 " ]
that "--allow grants clock and random" [ "$(shown --allow=clock,random -- a '' b)" = "4 grants.sil|a||b| 0  8 " ]
that "--deny takes away what --allow gives" [ "$(shown --allow=all --deny=clock,args)" = "76 76 0  0  76 8 " ]
that "--env gives variables" [ "$(shown --env=A=1 --env B= --env=C=x=y)" = "1 grants.sil| 3 A=1|B=|C=x=y| 76 76 8 " ]
that "--env passes variables on" [ "$(PASSED=on shown --env=PASSED)" = "1 grants.sil| 1 PASSED=on| 76 76 8 " ]
that "--dir opens a folder" [ "$(shown --dir=.)" = "1 grants.sil| 0  76 76 " ]

# Wrong options and missing folders.
unset NOT_SET
expect 2 '' "vspc: error: '--env=NOT_SET' passes a variable on, but there is none of that name" "$vspc" hello.sil --env=NOT_SET
expect 2 '' "vspc: error: '=x' is no value for '--env'; it takes NAME or NAME=VALUE" "$vspc" hello.sil --env==x
for value in '::a' ':ro' 'a::' 'a:::ro'; do
	expect 2 '' "vspc: error: '$value' is no value for '--dir'; it takes HOST, HOST::GUEST, and :ro behind them" \
		"$vspc" hello.sil --dir=$value
done
# One colon may belong to the folder's name; other programs divide by it.
mkdir with:colon
expect 7 '*' '' "$vspc" hello.sil --dir=with:colon
expect 7 '*' '' "$vspc" hello.sil --dir=with:colon:ro
expect 2 '' "vspc: error: '--dir=.:/b': there is no folder of that name; '--dir=.::/b' gives the folder another name" \
	"$vspc" hello.sil --dir=.:/b
expect 2 '' "vspc: error: '--dir=.:/b:ro': there is no folder of that name; '--dir=.::/b:ro' gives the folder another name" \
	"$vspc" hello.sil --dir=.:/b:ro
expect 0 '' "vspc: note: '--dir' has no effect: the program imports nothing from WASI" "$vspc" sum.sil --dir=.
expect 0 '' "vspc: note: '--env' has no effect: the program imports nothing from WASI" "$vspc" sum.sil --env=A=1
expect 0 '' '' "$vspc" sum.sil --dir=. -q
expect 2 '' "vspc: error: cannot open the folder 'missing': No such file or directory" "$vspc" hello.sil --dir=missing
expect 2 '' "vspc: error: cannot open the folder 'hello.sil': Not a directory" "$vspc" hello.sil --dir=hello.sil
expect 2 '' "vspc: error: '--dir' needs a run, and '--dis' is none" "$vspc" --dis hello.sil --dir=.

# Imports that are not WASI's, and those with another signature: all are listed.
cat >missing.sil <<'END'
	.import wasi_snapshot_preview1.fd_write(3) -> 1
	.import wasi_snapshot_preview1.fd_read(4) -> 1
	.import wasi_snapshot_preview1.fd_nothing(1) -> 1
	.import env.other(0) -> 0
	HCALL env.other
	HLT
END
expect 2 '' "vspc: error: 'missing.sil' imports 'wasi_snapshot_preview1.fd_write' as 3 -> 1, but it is 4 -> 1
vspc: error: 'missing.sil' imports 'wasi_snapshot_preview1.fd_nothing' (1 -> 1), which vspc does not define; run it from a host of libvsp
vspc: error: 'missing.sil' imports 'env.other' (0 -> 0), which vspc does not define; run it from a host of libvsp" "$vspc" missing.sil

# Files: creates a folder and a file in it, writes, links, renames, truncates, sets times, lists and
# removes; the status is the first errno. Everything that a confined process must be able to do.
cat >files.py <<'END'
calls = []
data = ["result: .word 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0", "vector: .word words - 0x10000, 5", "words: .ascii \"words\""]
names = {}
def text(t):
    if t not in names:
        names[t] = "t%d" % len(names)
        data.append('%s: .ascii "%s"' % (names[t], t))
    return "%s - 0x10000" % names[t]
imports = {}
def call(name, *args, wanted=0):
    n = 0
    out = []
    for a in args:
        if isinstance(a, tuple):
            out += [text(a[0]), len(a[0])]
        else:
            out.append(a)
    imports[name] = len(out)
    for i, a in enumerate(out):
        calls.append("\tMOVI RF, result\n\tLD32U R%X, [RF]" % i if a == "opened" else "\tMOVI R%X, %s" % (i, a))
    calls.append("\tHCALL wasi_snapshot_preview1." + name)
    calls.append("\tMOVI R1, %d\n\tMOVI R2, %d\n\tINVOKE check" % (wanted, len(calls)))
R = "result - 0x10000"
ALL = 0x3fffffff
call("path_create_directory", 3, ("d",))
call("path_open", 3, 1, ("d/f",), 1, ALL, ALL, 1, R)
call("fd_write", "opened", "vector - 0x10000", 1, "result + 8 - 0x10000")
call("fd_fdstat_set_flags", "opened", 0)
call("fd_pwrite", "opened", "vector - 0x10000", 1, 100, "result + 8 - 0x10000")
call("fd_filestat_set_size", "opened", 50)
call("fd_allocate", "opened", 0, 200)
call("fd_advise", "opened", 0, 10, 2)
call("fd_filestat_set_times", "opened", 1000, 1000, 5)
call("fd_sync", "opened")
call("fd_datasync", "opened")
call("fd_seek", "opened", 0, 0, "result + 8 - 0x10000")
call("fd_close", "opened")
call("path_link", 3, 0, ("d/f",), 3, ("g",))
call("path_symlink", ("d/f",), 3, ("l",))
call("path_rename", 3, ("g",), 3, ("d/g",))
call("path_filestat_get", 3, 1, ("l",), R)
call("path_filestat_set_times", 3, 1, ("l",), 0, 5000000000, 4)
call("path_readlink", 3, ("l",), R, 16, "result + 32 - 0x10000")
call("path_open", 3, 0, ("d",), 2, ALL, ALL, 0, R)
call("fd_readdir", "opened", "result + 16 - 0x10000", 40, 0, "result + 8 - 0x10000")
call("fd_close", "opened")
call("path_unlink_file", 3, ("d/g",))
call("path_open", 3, 1, ("../secret",), 0, 2, 0, 0, R, wanted=76)
call("path_open", 3, 1, ("out",), 0, 2, 0, 0, R, wanted=76)
call("path_create_directory", 4, ("e",), wanted=69)
call("path_open", 4, 1, ("l",), 0, 2, 0, 0, R)
print("\n".join("\t.import wasi_snapshot_preview1.%s(%d) -> 1" % i for i in imports.items()))
print("\t.data\n\t.align 8\n" + "\n".join(data) + "\n\t.code")
print(".func check(3)\n\tBEQ R0, R1, good\n\tSYSCALL 2\n\tSYSCALL 11\n\tMOV R0, R2\n\tSYSCALL 2\n\tMOVI R0, 1\n\tSYSCALL 0\n\tHLT\ngood:\tRET\n.end")
print(".func main\n" + "\n".join(calls) + "\n\tHLT\n.end")
END
if command -v python3 >/dev/null; then
	python3 files.py >files.sil
	echo secret >secret
	for tier in $tiers; do
		for more in '' --no-sandbox; do
			rm -rf granted
			mkdir granted
			ln -s ../secret granted/out
			expect 0 '' '' "$vspc" files.sil --tier=$tier $more --dir=granted::/ --dir=granted::/ro:ro
			that "the file was written" [ "$(head -c 5 granted/d/f)" = words ]
			that "its time was set" [ "$(stat -c %Y granted/d/f)" = 5 ]
			that "its size was set" [ "$(stat -c %s granted/d/f)" = 200 ]
		done
	done
	rm -rf granted/* && ln -s ../secret granted/out
	expect 1 '69
4' '' "$vspc" files.sil --dir=granted:ro --dir=granted
	that "a folder that is only read is unchanged" [ "$(ls granted)" = out ]
fi
finish
