# Small WebAssembly modules that once took minutes or gigabytes to translate: they end, within
# memory in proportion to them.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is missing" && exit 77; }
cat >costs.py <<'PY'
import resource, subprocess, sys

def leb(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])

def section(number, content):
    return bytes([number]) + leb(len(content)) + content

def text(s):
    return leb(len(s)) + s

def module(*sections):
    return b"\0asm\1\0\0\0" + b"".join(sections)

def nested():
    """Ifs within ifs, each of which has a thousand parameters."""
    many, depth = 1000, 65000
    wide = b"\x60" + 2 * (leb(many) + b"\x7f" * many)
    body = b"\0" + b"\x41\0" * many + b"\x41\0\x04\x01" * depth + b"\x0b" * depth + b"\x1a" * many + b"\x0b"
    return module(section(1, b"\2\x60\0\0" + wide), section(3, b"\1\0"), section(10, b"\1" + leb(len(body)) + body))

def named():
    """Pairs of functions of one name, all of which become one name when they are cut."""
    count = 30000
    names = leb(count) + b"".join(leb(i) + text(b"a" * 243 + b"%012d" % (i // 2)) for i in range(count))
    return module(section(1, b"\1\x60\0\0"), section(3, leb(count) + b"\0" * count),
                  section(10, leb(count) + b"\2\0\x0b" * count), section(0, text(b"name") + section(1, names)))

def typed():
    """Many functions in a module with a table, where each function's type is verified."""
    count = 400000
    return module(section(1, b"\1\x60\0\0"), section(3, leb(count) + b"\0" * count), section(4, b"\1\x70\0\1"),
                  section(10, leb(count) + b"\2\0\x0b" * count))

def unset():
    """Locals that all begin as 0 at the function's entry: each is a neighbour of all others."""
    count = 10000
    body = b"\1" + leb(count) + b"\x7e" + b"".join(b"\x20" + leb(i) + b"\x24\0" for i in range(count)) + b"\x0b"
    return module(section(1, b"\1\x60\0\0"), section(3, b"\1\0"), section(6, b"\1\x7e\1\x42\0\x0b"),
                  section(10, b"\1" + leb(len(body)) + body))

for make, wanted in ((nested, 2), (named, 0), (typed, 0), (unset, 2)):
    with open("costs.wasm", "wb") as file:
        file.write(make())
    status = subprocess.run([sys.argv[1], "--verify", "costs.wasm"], timeout=120, stderr=subprocess.DEVNULL).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    if status != wanted or used > 1024:
        sys.exit("%s: status %d, %d MB" % (make.__name__, status, used))
PY
that "modules that are expensive to translate" python3 costs.py "$vspc"
finish
