"""
WebAssembly modules of any size, in the shapes that clang gives programs: as shapes.py for what is translated. A shape yields the module's functions, each
with its locals and code; the last one runs when the module does, and SHAPES says how many instructions a statement is.
"""
import random

SHAPES = {}
I32, LOCALS = 0x7F, 40
GET, SET, CONST, ADD, XOR, MUL, LOAD, STORE = 0x20, 0x21, 0x41, 0x6A, 0x73, 0x6C, 0x28, 0x36
BLOCK, LOOP, END, BRANCH, BRANCH_IF, TABLE, CALL, DROP, EMPTY = 0x02, 0x03, 0x0B, 0x0C, 0x0D, 0x0E, 0x10, 0x1A, 0x40


def shape(instructions):
    """Registers a shape, of so many instructions to a statement."""
    def register(make):
        SHAPES[make.__name__] = (make, instructions)
        return make
    return register


def module(name, size):
    """The bytes of a shape's module of about size instructions."""
    make, instructions = SHAPES[name]
    functions = list(make(max(2, size // instructions), random.Random(5)))
    return b"\0asm\1\0\0\0" + b"".join([
        section(1, [b"\x60\0\0"]),
        section(3, [b"\0"] * len(functions)),
        section(5, [b"\0\1"]),
        section(7, [text("_start") + b"\0" + unsigned(len(functions) - 1)]),
        section(10, [body(count, code) for count, code in functions]),
    ])


def unsigned(value):
    """LEB128."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def text(value):
    return unsigned(len(value)) + value.encode()


def section(number, entries):
    contents = unsigned(len(entries)) + b"".join(entries)
    return bytes([number]) + unsigned(len(contents)) + contents


def body(count, code):
    """A function of count i32 locals, some of which come from memory and go there, so that nothing is constant and not all is unused."""
    kept = range(min(count, LOCALS))
    first = b"".join(number(0) + bytes([LOAD, 2]) + unsigned(4 * i) + with_local(SET, i) for i in kept)
    last = b"".join(number(0) + with_local(GET, i) + bytes([STORE, 2]) + unsigned(4 * i) for i in kept)
    contents = b"\1" + unsigned(count) + bytes([I32]) + first + code + last + bytes([END])
    return unsigned(len(contents)) + contents


def with_local(opcode, local):
    return bytes([opcode]) + unsigned(local)


def assign(to, first, operation, second):
    return with_local(GET, first) + with_local(GET, second) + bytes([operation]) + with_local(SET, to)


def draw_assignment(draw, count=LOCALS):
    return assign(draw.randrange(count), draw.randrange(count), draw.choice((ADD, XOR, MUL)), draw.randrange(count))


def number(value):
    """i32.const of a number below 64."""
    return bytes([CONST, value])


@shape(4)
def wasm_integers(count, draw):
    """One block of integer operations on more locals than registers."""
    yield LOCALS, b"".join(draw_assignment(draw) for _ in range(count))


@shape(4)
def wasm_locals(count, draw):
    """Nearly as many locals as the translator has places for."""
    most = min(count, 4000)
    yield most, b"".join(assign(i % most, max(0, i % most - 1), ADD, draw.randrange(max(0, i % most - 1000), i % most + 1)) for i in range(count))


@shape(5)
def wasm_accesses(count, draw):
    """One block of loads and stores."""
    def access():
        offset = unsigned(4 * draw.randrange(8000))
        if draw.randrange(2):
            return with_local(GET, draw.randrange(8)) + bytes([LOAD, 2]) + offset + with_local(SET, draw.randrange(8))
        return with_local(GET, draw.randrange(8)) + with_local(GET, draw.randrange(8)) + bytes([STORE, 2]) + offset
    yield 8, b"".join(access() for _ in range(count))


@shape(8)
def wasm_branches(count, draw):
    """Blocks that are left early."""
    yield LOCALS, b"".join(bytes([BLOCK, EMPTY]) + with_local(GET, draw.randrange(LOCALS)) + bytes([BRANCH_IF, 0]) + draw_assignment(draw) + bytes([END]) for _ in range(count))


@shape(10)
def wasm_loops(count, draw):
    """Loops one after the other."""
    yield LOCALS, b"".join(bytes([LOOP, EMPTY]) + draw_assignment(draw) + with_local(GET, draw.randrange(LOCALS)) + with_local(GET, 0) + bytes([ADD, DROP, END]) for _ in range(count))


@shape(8)
def wasm_nest(count, draw):
    """Loops in one another, as deep as modules may have them."""
    deep = min(count, 20000)
    yield LOCALS, b"".join(bytes([LOOP, EMPTY]) + draw_assignment(draw) for _ in range(deep)) + b"".join(with_local(GET, 0) + bytes([BRANCH_IF, 0, END]) for _ in range(deep))


@shape(8)
def wasm_switch(count, draw):
    """An interpreter's loop: a table of targets, each of which assigns and goes back to the loop."""
    cases = min(count, 10000)
    head = bytes([LOOP, EMPTY]) + bytes([BLOCK, EMPTY]) * cases + with_local(GET, 0) + bytes([TABLE]) + unsigned(cases - 1) + b"".join(unsigned(i) for i in range(cases))
    per_case = max(1, count // cases)
    back = (bytes([END]) + b"".join(draw_assignment(draw) for _ in range(per_case)) + with_local(GET, 1) + bytes([BRANCH_IF]) + unsigned(cases - 1 - i) for i in range(cases))
    yield LOCALS, head + b"".join(back) + bytes([END])


@shape(5)
def wasm_calls(count, draw):
    """One function of calls."""
    for _ in range(6):
        yield 4, draw_assignment(draw, 4)
    yield 4, b"".join(draw_assignment(draw, 4) + bytes([CALL]) + unsigned(draw.randrange(6)) for _ in range(count))


@shape(10)
def wasm_functions(count, draw):
    """Small functions, a tenth as many as instructions, each called once."""
    for _ in range(count - 1):
        yield 4, draw_assignment(draw, 4) + draw_assignment(draw, 4)
    # each calls a few hundred at most, so that no function is large
    callers = range(count - 1, count - 1 + (count + 199) // 200)
    for k in range(len(callers)):
        yield 0, b"".join(bytes([CALL]) + unsigned(i) for i in range(200 * k, min(200 * (k + 1), count - 1)))
    yield 0, b"".join(bytes([CALL]) + unsigned(i) for i in callers)
