# Writes a program that creates a folder and a file in it, writes, links, renames, truncates, sets
# times, lists and removes; the status is the first errno that is not the one expected. Descriptor 3
# is a folder with a link `out` to ../secret, and 4 the same folder, read only.
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
