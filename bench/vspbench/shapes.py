"""
Programs whose compilation grows faster than their code where a compiler is not careful: one shape of control or data flow each, of any size. A shape yields
the lines of a program for a number of statements; STATEMENT says how many instructions each of those is.
"""
import random

SHAPES = {}


def shape(instructions):
    """Registers a shape, of so many instructions to a statement."""
    def register(make):
        SHAPES[make.__name__.rstrip("_")] = (make, instructions)
        return make
    return register


def source(name, size):
    """The text of a shape's program of about size instructions."""
    make, instructions = SHAPES[name]
    return "\n".join(make(max(2, size // instructions), random.Random(5))) + "\n"


def data():
    """Sixteen values to begin with, so that nothing is constant."""
    yield ".data\n.align 8\nwords: .quad " + ",".join(str((i * 0x9E3779B97F4A7C15 + 12345) % (1 << 62)) for i in range(16))
    yield "reals: .double " + ",".join("%d.37" % (i + 1) for i in range(16)) + "\n.code"


def main(*body):
    """The only function, or the first."""
    yield from data()
    yield ".func main"
    for part in body:
        yield from [part] if isinstance(part, str) else part
    yield "HLT\n.end"


def loads(label):
    return (f"LOAD R{i:X}, [{label}+{8 * i}]" for i in range(16))


def random_operations(count, draw, names):
    return (f"{draw.choice(names)} R{draw.randrange(16):X}, R{draw.randrange(16):X}, R{draw.randrange(16):X}" for _ in range(count))


def small_function(i, *before_end):
    yield f".func f{i}(2) -> 1\nMUL R4, R0, R1\nADDI R0, R4, {i % 1000}"
    yield from before_end
    yield "RET\n.end"


# ---- one block ----


@shape(1)
def integers(count, draw):
    """One block of integer operations."""
    yield from main(loads("words"), random_operations(count, draw, ("ADD", "SUB", "XOR", "MUL", "AND", "OR", "ROTL", "SHR")))


@shape(1)
def floats(count, draw):
    """One block of operations on doubles."""
    yield from main(loads("reals"), random_operations(count, draw, ("ADD.F", "MUL.F", "SUB.F", "MIN.F", "MAX.F")))


@shape(1)
def bytesil(count, draw):
    """One block of operations that are mostly calls of the runtime."""
    yield from main(loads("words"), random_operations(count, draw, ("ADD.B", "MUL.B", "SUB.B", "DIV.B", "XORL")))


@shape(1)
def accesses(count, draw):
    """One block of loads, stores and sums."""
    def access():
        register, offset = f"R{draw.randrange(2, 16):X}", 8 * draw.randrange(3000)
        return draw.choice((f"LOAD {register}, [R1+{offset}]", f"STORE {register}, [R1+{offset}]", f"ADD {register}, {register}, R2"))
    yield ".memory 40,40"
    yield from main("MOVI R1, 0x20000", (access() for _ in range(count)))


@shape(1)
def divisions(count, draw):
    """One block, each instruction of which may trap."""
    yield from main(loads("words"), (f"{draw.choice(('DIV', 'MOD', 'DIVU'))} R{draw.randrange(8):X}, R{draw.randrange(16):X}, R{draw.randrange(8, 16):X}"
                                     for _ in range(count)))


# ---- branches ----


@shape(2)
def branches(count, draw):
    """Forward branches, each to one of the next 50 labels."""
    yield from main("LOAD R1, [words]",
                    (f"l{i}: ADDI R{2 + i % 8:X}, R{2 + (i + 3) % 8:X}, {i % 100}\n"
                     f"BNE R{1 + i % 6:X}, R{2 + i % 7:X}, l{min(count, i + 1 + draw.randrange(1, 50))}" for i in range(count)), f"l{count}:")


@shape(4)
def jumps(count, draw):
    """Jumps from each block to any: loops with many ways in."""
    yield from main("MOVI RC, 2000",
                    (f"l{i}: ADDI R{2 + i % 8:X}, R{2 + (i + 3) % 8:X}, {i % 100}\nADDI RC, RC, -1\nBZ RC, end\n"
                     f"BLT R{2 + i % 8:X}, R{2 + (i * 5) % 8:X}, l{draw.randrange(count)}" for i in range(count)), "JMP l0\nend:")


@shape(6)
def nest(count, _):
    """Loops in loops in loops."""
    yield from main("MOVI R1, 0", (f"h{i}: ADDI R{1 + i % 12:X}, R{1 + (i + 1) % 12:X}, 1" for i in range(count)),
                    (f"ADDI RD, RD, 1\nCMPI RD, 3000\nJNN end\nANDI RE, RD, {1 + i % 3}\nBZ RE, h{i}" for i in reversed(range(count))), "end:")


@shape(6)
def diamonds(count, _):
    """Ways that part and meet again: 2^n of them."""
    yield from main("LOAD R1, [words]",
                    (f"ANDI R2, R1, {1 << (i % 7)}\nBZ R2, a{i}\nADDI R{3 + i % 9:X}, R{3 + (i + 1) % 9:X}, {i % 90}\nJMP b{i}\n"
                     f"a{i}: XORI R{3 + (i + 2) % 9:X}, R{3 + (i + 5) % 9:X}, {i % 77}\nb{i}: ROTLI R1, R1, 7" for i in range(count)))


@shape(3)
def flags(count, _):
    """Branches on the flags of sums."""
    yield from main("MOVI R1, 7", (f"ADD R{1 + i % 8}, R{1 + (i + 1) % 8}, R{1 + (i + 3) % 8}\nJO o{i}\nJN o{i}\no{i}:" for i in range(count)))


@shape(2)
def table(count, _):
    """One BRTAB with a target of its own for each entry."""
    yield from main(f"MOVI R1, {count - 1}\nBRTAB R1, " + ",".join(f"t{i}" for i in range(count)) + "\nHLT",
                    (f"t{i}: ADDI R0, R0, {i % 100}" + ("\nJMP end" if i % 7 else "") for i in range(count)), "end:")


@shape(1)
def entries(count, _):
    """BRTABs of as many entries as they may have, with few targets."""
    yield from main(f"MOVI R1, {count - 1}", ("BRTAB R1, " + ",".join(f"t{i * 7 % 10}" for i in range(first, min(count, first + 65535))) for first in range(0, count, 65535)),
                    "HLT", (f"t{i}: ADDI R0, R0, {i + 1}\nJMP end" for i in range(10)), "end:")


@shape(6)
def tables(count, _):
    """Many BRTABs of 30 entries, in a loop."""
    yield from main("LOAD R1, [words]",
                    (f"b{i}: ADDI R1, R1, {i % 17 + 1}\nANDI R2, R1, 31\nADDI RC, RC, 1\nCMPI RC, 5000\nJNN end\n"
                     "BRTAB R2, " + ",".join(f"b{(i * 31 + j * 17) % count}" for j in range(30)) for i in range(count)), "end:")


# ---- calls ----


@shape(2)
def calls(count, _):
    """CALLs of as many half subroutines."""
    yield from main((f"CALL s{i % max(1, count // 2)}" for i in range(count)), "HLT",
                    (f"s{i}: ADDI R{1 + i % 9:X}, R{1 + (i + 2) % 9:X}, {i % 100}\nRET" for i in range(max(1, count // 2))))


@shape(5)
def call_tree(count, _):
    """Subroutines each of which CALLs two others."""
    yield from main("CALL s0", "HLT",
                    (f"s{i}: ADDI R1, R1, 1\nADDI R2, R2, -1\n"
                     + (f"BZ R2, x{i}\nCALL s{min(count - 1, 2 * i + 1)}\nCALL s{min(count - 1, 2 * i + 2)}\nx{i}: " if 2 * i + 2 < count else "") + "RET"
                     for i in range(count)))


@shape(2)
def indirect(count, _):
    """Calls of functions by number."""
    yield from main((f"MOVI R4, {1 + i % 5}\nINVOKEI R4, 1, 1" for i in range(count)))
    for i in range(6):
        yield f".func g{i}(1) -> 1\nADDI R0, R0, {i}\nRET\n.end"


@shape(3)
def functions(count, _):
    """Small exported functions."""
    yield from main()
    for i in range(count):
        yield from small_function(i)
        yield f".export f{i}"


@shape(4)
def called(count, _):
    """Small functions, all called by one."""
    yield from main((f"INVOKE f{i}" for i in range(count)))
    for i in range(count):
        yield from small_function(i)


@shape(4)
def chain(count, _):
    """Functions each of which calls the next."""
    yield from main("MOVI R0, 1\nINVOKE f0")
    for i in range(count):
        yield from small_function(i, *([f"INVOKE f{i + 1}"] if i + 1 < count else []))
