"""Hostile programs. Each function yields the lines of one; its first argument says how large, so
that relatives of the same kind are a call away. The output that a program must print follows from
docs/isa.md alone; it must do so in every tier, and never end by a signal.
"""
import sys


def function(name, params, results, *lines):
    yield f".func {name}({params}) -> {results}"
    yield from lines
    yield ".end"


def show_and_end():
    """Prints R0 and ends the run."""
    return ("SYSCALL 2", "HLT")


def return_behind_void(calls, voids, rounds):
    """The block after a CALL begins with compares nobody reads, which have no place of their own in
    tier 0. Its loop is entered in compiled code while that CALL and no other is pending: the return
    address must be the CALL's all the same.
    """
    yield from function("main", 0, 1, "MOVI R5, 0", *["CALL nothing"] * calls, "CALL hot", *["CMP R0, R1"] * voids, "CMP R5, R6", "JZ equal",
                        "MOVI R0, 55", *show_and_end(), "equal:", "MOVI R0, 77", *show_and_end(),
                        "hot:", "MOVI R2, 0", f"MOVI R3, {rounds}", "again:", "ADDI R2, R2, 1", "BLT R2, R3, again", "MOVI R6, -1", "RET",
                        "nothing:", "RET")


def words_behind_table(voids, word, rounds):
    """The same, and constants of the program's choice in code compiled before the loop, where a
    table read without a check would find them."""
    stores = [line for i in range(6) for line in (f"MOVI.64 R{i}, {word << 8 | i}", f"STORE R{i}, [{0x20000 + 8 * i}]")]
    yield from function("main", 0, 1, "MOVI R5, 0", *["CALL nothing"] * 8, "CALL hot", *["CMP R0, R1"] * voids, "CMP R5, R6", "JZ equal",
                        "MOVI R0, 55", *show_and_end(), "equal:", "MOVI R0, 77", *show_and_end(),
                        "hot:", "MOVI R2, 0", f"MOVI R3, {rounds}", "again:", "INVOKE constants", "ADDI R2, R2, 1", "BLT R2, R3, again",
                        "MOVI R6, -1", "RET", "nothing:", "RET")
    yield from function("constants", 0, 0, *stores, "RET")
    yield ".entry main"


def nested_returns(depth, rounds):
    """CALLs of one function pend as deep as they may while its loop becomes hot; each return
    address is after a void compare."""
    yield from function("main", 0, 1, f"MOVI R4, {depth}", "MOVI R0, 0", "CALL down", "CMP R0, R1", *show_and_end(),
                        "down:", "ADDI R4, R4, -1", "BZ R4, bottom", "CALL down", "TEST R2, R3", "ADDI R0, R0, 1", "RET",
                        "bottom:", "MOVI R2, 0", f"MOVI R3, {rounds}", "again:", "ADDI R2, R2, 1", "BLT R2, R3, again", "RET")


def pending_in_compiled_code(depth, rounds):
    """CALLs pend in compiled code when a function that is too cold to be compiled makes one in tier
    0."""
    yield from function("cold", 0, 1, "CALL one", "RET", *["ADDI R3, R3, 1"] * 600, "RET", "one:", "MOVI R0, 1", "RET")
    yield from function("deep", 2, 1, "BZ R0, quick", "MOV R2, R0", "CALL down", "RET", "quick:", "RET",
                        "down:", "ADDI R2, R2, -1", "BZ R2, bottom", "CALL down", "RET", "bottom:", "BZ R1, skip", "INVOKE cold", "skip:", "RET")
    yield from function("main", 0, 1, "MOVI R9, 0", "again:", "MOVI R0, 2", "MOVI R1, 0", "INVOKE deep", "ADDI R9, R9, 1", f"MOVI R8, {rounds}",
                        "BLT R9, R8, again", f"MOVI R0, {depth}", "MOVI R1, 1", "INVOKE deep", *show_and_end())
    yield ".entry main"


def calls_in_turn(depth, rounds):
    """CALLs pend in compiled code and in tier 0 by turns, all the way down."""
    yield from function("cold", 1, 1, "CALL one", "RET", "one:", "BZ R0, end", "INVOKE warm", "ADDI R0, R0, 1", "RET", "end:", "RET",
                        *["ADDI R3, R3, 1"] * 600, "RET")
    yield from function("warm", 1, 1, "BZ R0, quick", "MOVI R2, 3", "CALL down", "RET", "quick:", "RET",
                        "down:", "ADDI R2, R2, -1", "BZ R2, bottom", "CALL down", "RET", "bottom:", "ADDI R0, R0, -1", "INVOKE cold", "RET")
    yield from function("main", 0, 1, "MOVI R9, 0", "again:", "MOVI R0, 0", "INVOKE warm", "ADDI R9, R9, 1", f"MOVI R8, {rounds}",
                        "BLT R9, R8, again", f"MOVI R0, {depth}", "INVOKE warm", *show_and_end())
    yield ".entry main"


def table_of_branches(cases, index, rounds):
    """BRTAB with indices at and beyond the ends of its table, from memory, so that nothing is known
    of them."""
    labels = [f"case{i}" for i in range(cases)]
    bodies = [line for i in range(cases) for line in (f"case{i}:", f"ADDI R4, R4, {i + 1}", "JMP next")]
    yield from function("main", 0, 1, "MOVI R1, 0", f"MOVI R2, {rounds}", "MOVI.64 R3, 0x20000", f"MOVI.64 R5, {index}", "again:",
                        "BLT R1, R2, warm", "STORE R5, [R3]", "JMP jump", "warm:", f"MOVI R7, {cases}", "MODU R6, R1, R7", "STORE R6, [R3]",
                        "jump:", "LOAD R6, [R3]", "MOVI R4, 0", "BRTAB R6, " + ", ".join(labels), "MOVI R4, 99", "JMP next", *bodies,
                        "next:", "ADDI R1, R1, 1", "BGE R2, R1, again", "MOV R0, R4", *show_and_end())


def chain_to_constant(links, rounds):
    """A chain of instructions that becomes constant with a phi: an optimiser that follows it by
    recursion needs a stack as deep."""
    yield from function("main", 0, 1, "MOVI R9, 0", "outer:", "MOVI R0, 0", "inner:", "MOV R1, R0", *["ZEXT8 R1, R1", "SEXT16 R1, R1"] * links,
                        "MOV R0, R0", "ADDI R9, R9, 1", "ANDI R8, R9, 7", "BNZ R8, back", "JMP out", "back:", "JMP inner", "out:",
                        f"MOVI R8, {rounds}", "BGE R9, R8, done", "JMP outer", "done:", "MOV R0, R1", *show_and_end())


def sums_of_sums(links, rounds):
    """The same with additions, which become constant one by one."""
    yield from function("main", 0, 1, "MOVI R9, 0", "outer:", "MOVI R0, 0", "inner:", "MOV R1, R0", *["ADDI R1, R1, 1"] * links, "MOV R0, R0",
                        "ADDI R9, R9, 1", "ANDI R8, R9, 7", "BNZ R8, back", "JMP out", "back:", "JMP inner", "out:", f"MOVI R8, {rounds}",
                        "BGE R9, R8, done", "JMP outer", "done:", "MOV R0, R1", *show_and_end())


def many_helpers(pairs):
    """Exports f(x) -> x, which calls helpers thousands of times; without optimisation each call has
    room of its own in the frame."""
    yield ".export f"
    yield from function("f", 1, 1, "BZ R0, done", "MOV R5, R0", *["EMERGE", "SETMODE 128"] * pairs, "MOV R0, R5", "done:", "RET")
    yield from function("main", 0, 1, "MOVI R9, 0", "MOVI R8, 500", "loop:", "MOVI R0, 0", "INVOKE f", "ADDI R9, R9, 1", "BLT R9, R8, loop",
                        "MOVI R0, 7", "INVOKE f", *show_and_end())
    yield ".entry main"


def lost_load(*lines):
    """A load at R1, which is no address, and code that makes its value useless; then the end,
    before which it must have trapped."""
    yield ".memory 3, 3"
    yield from function("main", 0, 1, "MOVI R8, 0", "warm:", "MOVI.64 R1, 0x20000", "MOVI R6, 1", "INVOKE work", "ADDI R8, R8, 1", "MOVI R7, 3000",
                        "BLT R8, R7, warm", "MOVI R1, -8", "MOVI R6, 0", "INVOKE work", "MOVI R0, 1", *show_and_end())
    yield from function("work", 16, 0, *lines, "RET")
    yield ".entry main"


# A loop whose addresses, in R4, are bad in every other pair of iterations, but not in the last
# ones.
SOMETIMES_BAD = ("MOVI.64 R1, 0x20000", "MOVI R0, 2", "MOVI R10, 2", "BZ R6, bad", "MOVI R10, 0", "bad:", "MOVI R9, 4000", "MOVI R2, 0", "again:",
                 "ADDI R5, R5, 1", "AND R4, R5, R10", "SHLI R4, R4, 29", "ADD R4, R4, R1")
SOMETIMES_BAD_END = ("ADDI R9, R9, -1", "BNZ R9, again")

LOSSES = {
    "unread": ("LOAD R2, [R1]", "MOVI R2, 0"),
    "masked": ("LOAD R2, [R1]", "ANDI R2, R2, 0", "STORE R2, [0x20000]"),
    "multiplied": ("LOAD R2, [R1]", "MULI R2, R2, 0", "STORE R2, [0x20000]"),
    "cancelled": ("LOAD R2, [R1]", "LOAD R3, [R1]", "XOR R2, R2, R3", "STORE R2, [0x20000]"),
    "selected": ("LOAD R2, [R1]", "MOVI R3, 1", "SEL R2, R3, R3, R2", "STORE R2, [0x20000]"),
    "overwritten": ("LOAD R2, [R1]", "STORE R2, [0x20000]", "STORE R3, [0x20000]"),
    "one_way": ("LOAD R2, [R1]", "BZ R6, away", "STORE R2, [0x20000]", "RET", "away:"),
    "before_halt": ("LOAD R2, [R1]", "BNZ R6, on", "MOVI R0, 1", *show_and_end(), "on:", "STORE R2, [0x20000]"),
    "in_a_loop": ("MOVI R3, 9", "again:", "LOAD R2, [R1]", "ADDI R3, R3, -1", "BNZ R3, again"),
    "last_of_a_loop": ("MOVI R3, 9", "again:", "LOAD R2, [R1]", "ADDI R1, R1, 8", "ADDI R3, R3, -1", "BNZ R3, again", "MOVI R2, 1", "STORE R2, [0x20000]"),
    "summed_for_nobody": ("MOVI R3, 9", "MOVI R2, 0", "again:", "LOAD R4, [R1]", "ADD R2, R2, R4", "ADDI R3, R3, -1", "BNZ R3, again"),
    "compared": ("LD8U R2, [R1]", "MOVI R3, 300", "BLTU R2, R3, less", "STORE R2, [0x20000]", "less:"),
    "state": ("LSTATE [R1]", "MOVI R0, 0"),
    "low_byte_at_end": ("BNZ R6, all", "MOVI.64 R1, 0x2FFFC", "all:", "LOAD R2, [R1]", "ANDI R2, R2, 255", "STORE R2, [0x20000]"),
    "bit_set_at_end": ("BNZ R6, all", "MOVI.64 R1, 0x2FFFC", "all:", "LOAD R2, [R1]", "ORI R2, R2, 1", "STORE R2, [R1]"),
    "sign_at_start": ("BNZ R6, all", "MOVI.64 R1, 0xFFFC", "all:", "LOAD R2, [R1]", "MOVI R3, 0", "BLT R2, R3, less", "NOP", "less:"),
    "address_at_end": ("BNZ R6, all", "MOVI.64 R1, 0x2FFFC", "all:", "LOAD R2, [R1]", "ZEXT32 R2, R2", "STORE R2, [0x20000]"),
    "layer_of_state_at_end": ("BNZ R6, all", "MOVI.64 R1, 0x2FFF8", "all:", "LSTATE [R1]", "MOVI.64 R5, 0x20000", "ST8 R0, [R5]"),
    "call_for_nobody": ("INVOKE sum", "MOVI R0, 0", "RET", ".end", ".func sum(2) -> 1", "MOVI R0, 0", "MOVI R3, 9", "again:", "LOAD R4, [R1]",
                        "ADD R0, R0, R4", "ADDI R1, R1, 8", "ADDI R3, R3, -1", "BNZ R3, again"),
    "store_in_a_loop": ("MOVI R3, 9", "again:", "STORE R3, [R1]", "BNZ R6, out", "JMP again", "out:"),
    "store_in_a_loop_of_blocks": ("again:", "ADDI R4, R4, 1", "ANDI R5, R4, 1", "BZ R5, even", "ADDI R9, R9, 3", "JMP odd", "even:", "MUL R9, R9, R4",
                                  "odd:", "STORE R4, [R1]", "BNZ R6, out", "JMP again", "out:"),
    "store_in_an_inner_loop": ("MOV R10, R1", "again:", "MOVI R5, 0", "MOV R1, R10", "inner:", "STORE R3, [R1]", "ADDI R1, R1, 8", "ADDI R5, R5, 1",
                               "MOVI R4, 4", "BLT R5, R4, inner", "BNZ R6, out", "JMP again", "out:"),
    "in_a_covered_store": ("LOAD R2, [R1]", "ADD.F R2, R2, R8", "MOVI.64 R5, 0x20000", "STORE R2, [R5 + 8]", "MOVI R2, 0", "SSTATE.B [R5]"),
    "in_covered_stores": ("MOVI R9, 9", "MOVI.64 R5, 0x20000", "again:", "LOAD R2, [R1]", "STORE R2, [R5 + 8]", "MOVI R2, 0", "SSTATE.B [R5]",
                          "ADDI R5, R5, 16", "ADDI R9, R9, -1", "BNZ R9, again"),
    "equal_sums": ("MOVI R9, 100", "MOVI.64 R5, 0x20000", "again:", "LOAD R2, [R1]", "ADDI R2, R2, 5", "LOAD R3, [R1]", "ADDI R3, R3, 5", "XOR R2, R2, R3",
                   "STORE R2, [R5]", "ADDI R5, R5, 8", "ADDI R9, R9, -1", "BNZ R9, again"),
    "all_but_the_last_two": (*SOMETIMES_BAD, "MOV R7, R2", "LOAD R2, [R4]", *SOMETIMES_BAD_END, "ADD R0, R7, R2"),
    "shifted_out": (*SOMETIMES_BAD, "LD32U R7, [R4]", "SHLI R2, R2, 32", "OR R2, R2, R7", *SOMETIMES_BAD_END, "MOV R0, R2"),
    "telescoping": (*SOMETIMES_BAD, "LOAD R7, [R4]", "ADD R0, R0, R7", "SUB R0, R0, R2", "MOV R2, R7", *SOMETIMES_BAD_END),
    "load_for_behind_a_loop": ("again:", "LOAD R4, [R1]", "ADDI R5, R5, 1", "BNZ R6, out", "JMP again", "out:", "MOV R9, R4"),
}

# name: (program, what it prints, or the kind of its trap)
PROGRAMS = {
    "return_behind_void": (lambda: return_behind_void(8, 400, 3000000), "55"),
    "return_behind_one_void": (lambda: return_behind_void(1, 1, 3000000), "55"),
    "return_behind_few_voids": (lambda: return_behind_void(3, 9, 3000000), "55"),
    "words_behind_table": (lambda: words_behind_table(340, 0x050FE7B0C031, 900), "55"),
    "nested_returns": (lambda: nested_returns(60000, 3000000), "59999"),
    "pending_calls": (lambda: pending_in_compiled_code(60000, 5000), "1"),
    "pending_few_calls": (lambda: pending_in_compiled_code(300, 5000), "1"),
    "pending_most_calls": (lambda: pending_in_compiled_code(65534, 5000), "1"),
    "pending_too_many_calls": (lambda: pending_in_compiled_code(65600, 5000), "CALL_DEPTH"),
    "calls_in_turn": (lambda: calls_in_turn(500, 5000), "499"),
    "table_behind_end": (lambda: table_of_branches(9, 9, 5000), "99"),
    "table_far_behind_end": (lambda: table_of_branches(9, 1 << 63, 5000), "99"),
    "table_truncated": (lambda: table_of_branches(9, 1 << 32, 5000), "99"),
    "chain_to_constant": (lambda: chain_to_constant(9000, 2000), "0"),
    "sums_of_sums": (lambda: sums_of_sums(4000, 2000), "4000"),
    **{f"lost_{name}": (lambda lines=lines: lost_load(*lines), "OUT_OF_BOUNDS|STACK_OVERFLOW") for name, lines in LOSSES.items()},
}

if __name__ == "__main__":
    # programs.py CALL: prints one, as "many_helpers(5000)".
    print("\n".join(eval(sys.argv[1])))  # pylint: disable=eval-used
