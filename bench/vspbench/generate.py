"""Programs of any size for the measurements against size, with the value they must return: the
generator computes it while it writes."""
import random

MASK = (1 << 64) - 1
REGISTERS = 8  # R0..R7 hold data; R8 counts the loop, R9 is the address of 64 bytes of scratch memory
FUNCTION = 100

ALU = {"ADD": lambda x, y: x + y, "SUB": lambda x, y: x - y, "MUL": lambda x, y: x * y, "XOR": lambda x, y: x ^ y,
       "AND": lambda x, y: x & y, "OR": lambda x, y: x | y}
IMMEDIATE = {"ADDI": lambda x, i: x + i, "MULI": lambda x, i: x * i, "XORI": lambda x, i: x ^ i,
             "SHRI": lambda x, i: x >> (i & 63), "ROTRI": lambda x, i: x >> (i & 63) | x << (64 - (i & 63) & 63)}


class Function:
    """Straight-line arithmetic with a load and store or a skipped block now and then, and one loop
    of three rounds."""

    def __init__(self, rng, number=0):
        self.rng, self.number, self.lines, self.labels, self.count, self.steps = rng, number, [], 0, 0, []

    def emit(self, text):
        self.lines.append("\t" + text)
        self.count += 1

    def arithmetic(self):
        """One instruction, and its effect on the registers."""
        a, b, c = (self.rng.randrange(REGISTERS) for _ in range(3))
        if self.rng.random() < 0.5:
            name = self.rng.choice(list(ALU))
            self.emit("%s R%d, R%d, R%d" % (name, a, b, c))
            return lambda r, m: r.__setitem__(a, ALU[name](r[b], r[c]) & MASK)
        name, i = self.rng.choice(list(IMMEDIATE)), self.rng.randrange(1, 64)
        self.emit("%s R%d, R%d, %d" % (name, a, b, i))
        return lambda r, m: r.__setitem__(a, IMMEDIATE[name](r[b], i) & MASK)

    def memory(self):
        a, b, place = self.rng.randrange(REGISTERS), self.rng.randrange(REGISTERS), self.rng.randrange(8)
        self.emit("STORE R%d, [R9+%d]" % (a, 8 * place))
        self.emit("LOAD R%d, [R9+%d]" % (b, 8 * (7 - place)))

        def effect(r, m):
            m[place] = r[a]
            r[b] = m[7 - place]
        return effect

    def block(self):
        a, b = self.rng.randrange(REGISTERS), self.rng.randrange(REGISTERS)
        label = self.label()
        self.emit("BLTU R%d, R%d, %s" % (a, b, label))
        steps = [self.arithmetic() for _ in range(3)]
        self.lines.append("%s:" % label)

        def effect(r, m):
            if r[a] >= r[b]:
                for step in steps:
                    step(r, m)
        return effect

    def loop(self):
        label = self.label()
        self.emit("MOVI R8, 3")
        self.lines.append("%s:" % label)
        steps = [self.arithmetic() for _ in range(4)]
        self.emit("ADDI R8, R8, -1")
        self.emit("BNZ R8, %s" % label)

        def effect(r, m):
            for step in steps * 3:
                step(r, m)
        return effect

    def label(self):
        self.labels += 1
        return "L%d_%d" % (self.number, self.labels)

    def body(self, size, state, memory):
        """About size instructions that run once on state, 16 registers with the argument in R0."""
        self.emit("MOVI R9, 0x20000")
        steps = [self.loop()] if size >= 16 else []
        while self.count < size - 1:
            left, kind = size - 1 - self.count, self.rng.random()
            steps.append(self.block() if kind < 0.1 and left >= 4 else self.memory() if kind < 0.2 and left >= 2 else self.arithmetic())
        self.emit("RET")
        self.steps = steps
        return self.run(state, memory)

    def run(self, state, memory):
        """The result of a call of the function."""
        for step in self.steps:
            step(state, memory)
        return state[0]


def signed(x):
    return x - (1 << 64) if x >> 63 else x


def one_function(size, seed=1):
    """(source, instructions, kernel(1) of a fresh instance): one function of about size
    instructions."""
    function = Function(random.Random(seed))
    result = function.body(size, [1] + [0] * (REGISTERS - 1), [0] * 8)
    return "\n".join([".func kernel(1) -> 1"] + function.lines + [".end", ".export kernel", ""]), function.count, signed(result)


def function_family(size, count, seed=1):
    """(source, instructions of a function, [f0(1), f1(1) ...]): functions of about size
    instructions, all exported, that call nothing. Each result is that of the first call, when those
    before have been called twice: they share their scratch memory."""
    rng, memory, results = random.Random(seed), [0] * 8, []
    functions = [Function(rng, n) for n in range(count)]
    for function in functions:
        start = [1] + [0] * (REGISTERS - 1)
        results.append(signed(function.body(size, start[:], memory)))
        function.run(start, memory)
    lines = [l for n, f in enumerate(functions) for l in [".func f%d(1) -> 1" % n] + f.lines + [".end", ".export f%d" % n]]
    return "\n".join(lines + [""]), functions[-1].count, results


def many_functions(size, seed=1):
    """The same for a program of functions of FUNCTION instructions, called one after the other by
    kernel."""
    rng, memory, value = random.Random(seed), [0] * 8, 1
    functions, total = [], 1
    while total < size or not functions:
        function = Function(rng, len(functions))
        value = function.body(min(FUNCTION, max(4, size - total - 1)), [value] + [0] * (REGISTERS - 1), memory)
        functions.append([".func f%d(1) -> 1" % len(functions)] + function.lines + [".end"])
        total += function.count + 1
    calls = ["\tINVOKE f%d" % i for i in range(len(functions))]
    lines = [".func kernel(1) -> 1"] + calls + ["\tRET", ".end", ".export kernel"] + [l for f in functions for l in f]
    return "\n".join(lines + [""]), total, signed(value)
