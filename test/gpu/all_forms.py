#!/usr/bin/env python3
"""Prints a program whose kernels execute every form that kernels may contain and whose operands are registers and numbers,
on edge values and random ones: all_forms.py OPCODES PART PARTS [SEED]. PART of PARTS equal parts of the forms; the forms
come from the table (ir/opcodes.def). Layouts, in words of 8 bytes: three inputs per iteration, then the outputs."""
import random
import re
import struct
import sys

table, part, parts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
ITERATIONS, PER_KERNEL, INPUT = 160, 10, 0x30000
NOT_REGISTERS = {"MOVI.64"}
FLOAT_FUNCTIONS = re.compile(r"^(POW|SIN|COS|TAN|ASIN|ACOS|ATAN|EXP|EXP2|LOG|LOG2|LOG10|CBRT|SINH|COSH|TANH|EXPM1|ATAN2|HYPOT|FMOD)[.][FS]$")


def forms():
    """(mnemonic, operands, implicit) of each form that kernels may contain."""
    for line in open(table):
        row = re.match(r'INSN\(\w+, \w+, \w+, "([^"]+)", \w+, OPS\d(?:\(([^)]*)\))?, (\w+),.*, K, ', line)
        if row:
            yield row[1], re.findall(r"\w+", row[2] or ""), row[3]
        row = re.match(r'INSN_([WF])\(\w+, \w+, "([^"]+)", OPS\d\(([^)]*)\)', line)
        if row:
            for suffix in ("", ".W") if row[1] == "W" else (".F", ".S"):
                yield row[2] + suffix, re.findall(r"\w+", row[3]), "X_NONE"


def number(kind):
    least, most = {"I8": (-128, 127), "I32": (-2**31, 2**31 - 1), "I64": (-2**63, 2**63 - 1), "U8": (0, 255), "COUNT8": (0, 255),
                   "COUNT5": (0, 31), "COUNT6": (0, 63)}[kind]
    return random.choice([least, most, 1, random.randint(least, most)])


def operand(kind):
    registers = {"WA": "R8", "RA": "R8", "MA": "R8", "RB": "R4", "MB": "R4", "RC": "R5", "RD": "R6"}
    return registers.get(kind) or str(number(kind))


def usable(form):
    mnemonic, operands, implicit = form
    known = all(k in ("WA", "RA", "MA", "RB", "MB", "RC", "RD", "I8", "I32", "I64", "U8", "COUNT8", "COUNT5", "COUNT6") for k in operands)
    return known and operands and implicit == "X_NONE" and mnemonic not in ("TRAP",) and not FLOAT_FUNCTIONS.match(mnemonic)


def value():
    bits = random.choice([
        lambda: random.choice([0, 1, 2, 2**63, 2**63 - 1, 2**64 - 1, 2**31, 2**31 - 1, 2**32 - 1, 0xFFFFFFFF80000000]),
        lambda: random.getrandbits(64), lambda: random.getrandbits(32), lambda: random.getrandbits(8),
        lambda: double(random.choice([0.0, -0.0, 1.0, -1.5, 0.5, 2.5, 1e308, 5e-324, 2.2e-308, float("inf"), float("-inf"), float("nan"), 1e19, -1e19])),
        lambda: double(random.uniform(-1000, 1000)), lambda: double(random.uniform(-1, 1) * 10.0 ** random.randint(-300, 300)),
        lambda: single(random.choice([0.0, -0.0, 1.0, -2.5, 1e-45, 1.1e-38, 3e38, float("inf"), float("nan")])),
        lambda: single(random.uniform(-1, 1) * 10.0 ** random.randint(-37, 37))])
    return bits()


def double(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def single(x):
    return struct.unpack("<I", struct.pack("<f", x))[0]


def kernel(index, chosen, output):
    """A kernel that stores two words per form: the result, and the flags with a second register's."""
    print(f".kernel k{index}")
    print(f"\tMOV RF, R0\n\tMULI RE, RF, {16 * PER_KERNEL}\n\tADDI RE, RE, {output}\n\tMULI RD, RF, 24\n\tADDI RD, RD, {INPUT}")
    for n, (mnemonic, operands, _) in enumerate(chosen):
        print("\tLOAD R4, [RD]\n\tLOAD R5, [RD + 8]\n\tLOAD R6, [RD + 16]\n\tMOV R8, R6")
        if mnemonic.split(".")[0] in ("DIV", "MOD", "DIVU", "MODU") and not mnemonic.endswith((".B", ".F", ".S")):
            print("\tORI R5, R5, 1")
        print(f"\tCMP R8, R8\n\t{mnemonic} {', '.join(operand(k) for k in operands)}")
        print(f"\tMOVI R9, 0\n\tJNZ z{index}_{n}\n\tORI R9, R9, 1\nz{index}_{n}:\n\tJNN n{index}_{n}\n\tORI R9, R9, 2\nn{index}_{n}:")
        print(f"\tJNO o{index}_{n}\n\tORI R9, R9, 4\no{index}_{n}:\n\tXOR R9, R9, R4")
        print(f"\tSTORE R8, [RE + {16 * n}]\n\tSTORE R9, [RE + {16 * n + 8}]")
    print("\tRET\n.end")


def main():
    chosen = [f for f in forms() if usable(f)][part::parts]
    groups = [chosen[i:i + PER_KERNEL] for i in range(0, len(chosen), PER_KERNEL)]
    size = ITERATIONS * 16 * PER_KERNEL
    output = INPUT + (ITERATIONS * 24 + 15) // 16 * 16
    print("\t.memory 32, 32\n\t.data")
    print("block:\t.word 2\n\t.word %d, %d, 1\n\t.word 0, 0, 2" % (INPUT, ITERATIONS * 24))
    print(f"\t.space {INPUT - 0x20000 - 28}")
    for _ in range(ITERATIONS * 3):
        print(f"\t.quad {value()}")
    print("\t.code\n.func main")
    for i in range(len(groups)):
        print(f"\tMOVI R1, {ITERATIONS}\n\tMOVI R2, block\n\tMOVI R3, {output + i * size}\n\tST32 R3, [R2 + 16]\n\tMOVI R3, {size}")
        print(f"\tST32 R3, [R2 + 20]\n\tLAUNCH k{i}, R1, R2")
    print("\tHLT\n.end")
    for i, group in enumerate(groups):
        kernel(i, group, output + i * size)


main()
