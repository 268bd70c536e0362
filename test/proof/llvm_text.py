"""The textual LLVM IR that proofs are about, read into instructions. Unknown text is an error:
nothing is skipped but metadata, alignment and attributes, none of which changes the result of an
instruction.
"""

import re
from collections import namedtuple

# types: ("i", bits), "ptr", "void", "float", "double", ("vector", n, type), ("array", n, type),
# ("struct", types), ("named", name)
Operand = namedtuple("Operand", "type kind value")  # kind: local, global, int, float, null, poison, undef, zero, hide
Inst = namedtuple("Inst", "op result type flags args extra line")
Block = namedtuple("Block", "name insts")
Function = namedtuple("Function", "name result params blocks")

_TOKEN = re.compile(r'[%@]?"(?:[^"\\]|\\.)*"|[%@!#][\w.$-]+|\.\.\.|[\w.$+-]+|[(){}\[\]<>,=*:]')
_METADATA = re.compile(r", ![\w.]+ .*$")
BINARY = {"add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor", "shl", "lshr", "ashr", "fadd", "fsub", "fmul", "fdiv"}
CASTS = {"zext", "sext", "trunc", "bitcast", "ptrtoint", "inttoptr", "sitofp", "uitofp", "fptosi", "fptoui", "fpext", "fptrunc"}
FLAGS = {"nsw", "nuw", "exact", "disjoint", "nneg", "samesign", "inbounds", "nusw", "volatile", "atomic"}
_CALL_WORDS = {"fastcc", "ccc", "preserve_nonecc", "noundef", "nonnull", "zeroext", "signext", "noalias", "swiftself", "returned", "nofree",
               "writeonly", "readonly", "readnone", "nocapture"}
_GROUPED = {"range", "align", "dereferenceable", "captures", "initializes", "nofpclass"}


class LlvmError(Exception):
    pass


class Tokens:
    def __init__(self, line):
        self.line = line
        self.tokens = _TOKEN.findall(_METADATA.sub("", line))
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self):
        token = self.peek()
        if not token:
            raise LlvmError("unexpected end: " + self.line)
        self.at += 1
        return token

    def take(self, token):
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def expect(self, token):
        if not self.take(token):
            raise LlvmError("%s expected: %s" % (token, self.line))

    def flags(self):
        found = set()
        while self.peek() in FLAGS:
            found.add(self.next())
        return found

    def skip_group(self):
        self.expect("(")
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.next(), 0)

    def attributes(self):
        """Skips attributes; the bounds of range(...) are kept, since a value outside them is
        poison."""
        bounds = None
        while self.peek() in _CALL_WORDS or self.peek() in _GROUPED:
            word = self.next()
            if word == "range":
                self.expect("(")
                self.type()
                bounds = int(self.next()), (self.expect(","), int(self.next()))[1]
                self.expect(")")
            elif word == "align" and self.peek() != "(":
                self.next()
            elif word in _GROUPED:
                self.skip_group()
        return bounds

    def type(self):
        token = self.next()
        if re.fullmatch(r"i\d+", token):
            return ("i", int(token[1:]))
        if token in ("ptr", "void", "float", "double"):
            return token
        if token == "{":
            types = [self.type()]
            while self.take(","):
                types.append(self.type())
            self.expect("}")
            return ("struct", tuple(types))
        if token in "<[":
            count = int(self.next())
            self.expect("x")
            inner = self.type()
            self.expect(">" if token == "<" else "]")
            return ("vector" if token == "<" else "array", count, inner)
        if token.startswith("%"):
            return ("named", token[1:])
        raise LlvmError("type %s is not known: %s" % (token, self.line))

    def operand(self, kind):
        token = self.next()
        if token.startswith("%"):
            return Operand(kind, "local", token[1:])
        if token.startswith("@"):
            return Operand(kind, "global", token[1:])
        if token in ("true", "false"):
            return Operand(kind, "int", int(token == "true"))
        if token in ("null", "poison", "undef"):
            return Operand(kind, token, 0)
        if token == "zeroinitializer":
            return Operand(kind, "zero", 0)
        if kind in ("float", "double"):
            return Operand(kind, "float", token)
        if re.fullmatch(r"-?\d+", token):
            return Operand(kind, "int", int(token))
        raise LlvmError("operand %s is not known: %s" % (token, self.line))

    def typed(self):
        kind = self.type()
        self.attributes()
        return self.operand(kind)


def _statement(t):
    """An assembler statement: only the empty one that hides a value from the optimiser, and gives
    back its operand."""
    template, comma, constraints = t.next(), t.next(), t.next()
    if template != '""' or comma != "," or not constraints.startswith('"=r,0'):
        raise LlvmError("assembler statement is not known: " + t.line)
    return Operand("ptr", "hide", "")


def _call(t, result, line):
    bounds = t.attributes()
    kind = t.type()
    if t.peek() == "(":  # the type of a variadic function
        t.skip_group()
    callee = _statement(t) if t.take("asm") else t.operand("ptr")
    t.expect("(")
    args = []
    while not t.take(")"):
        args.append(t.typed())
        t.take(",")
    return Inst("call", result, kind, {bounds} - {None}, args, callee, line)


def _phi(t, result, line):
    kind, incoming = t.type(), {}
    while t.take("["):
        value = t.operand(kind)
        t.expect(",")
        incoming[t.next()[1:]] = value
        t.expect("]")
        t.take(",")
    return Inst("phi", result, kind, set(), [], incoming, line)


def _branch(t, line):
    if t.take("label"):
        return Inst("br", None, None, set(), [], [t.next()[1:]], line)
    condition = t.typed()
    targets = []
    while t.take(","):
        t.expect("label")
        targets.append(t.next()[1:])
    return Inst("br", None, None, set(), [condition], targets, line)


def _switch(t, line):
    value = t.typed()
    t.expect(",")
    t.expect("label")
    default, cases = t.next()[1:], []
    t.expect("[")
    while not t.take("]"):
        case = t.typed()
        t.expect(",")
        t.expect("label")
        cases.append((case, t.next()[1:]))
    return Inst("switch", None, None, set(), [value], (default, cases), line)


def _operands(t):
    args = [t.typed()]
    while t.take(","):
        if t.peek() == "align":
            break
        args.append(t.typed())
    return args


def parse_instruction(line):
    t = Tokens(line)
    result = None
    if t.tokens[1:2] == ["="]:
        result = t.next()[1:]
        t.expect("=")
    op = t.next()
    while op in ("tail", "musttail", "notail"):
        op = t.next()
    if op == "call":
        return _call(t, result, line)
    if op == "phi":
        return _phi(t, result, line)
    if op == "br":
        return _branch(t, line)
    if op == "switch":
        return _switch(t, line)
    flags = t.flags()
    if op in BINARY or op in ("icmp", "fcmp"):
        extra = t.next() if op in ("icmp", "fcmp") else None
        kind = t.type()
        x = t.operand(kind)
        t.expect(",")
        return Inst(op, result, kind, flags, [x, t.operand(kind)], extra, line)
    if op in CASTS:
        x = t.typed()
        t.expect("to")
        return Inst(op, result, t.type(), flags, [x], None, line)
    if op in ("freeze", "fneg"):
        x = t.typed()
        return Inst(op, result, x.type, flags, [x], None, line)
    if op in ("select", "insertelement", "extractelement"):
        return Inst(op, result, None, flags, _operands(t), None, line)
    if op == "extractvalue":
        x = t.typed()
        t.expect(",")
        return Inst(op, result, None, flags, [x], int(t.next()), line)
    if op == "load":
        kind = t.type()
        t.expect(",")
        return Inst(op, result, kind, flags, [t.typed()], None, line)
    if op == "store":
        return Inst(op, None, None, flags, _operands(t)[:2], None, line)
    if op == "getelementptr":
        kind = t.type()
        t.expect(",")
        return Inst(op, result, kind, flags, _operands(t), None, line)
    if op == "alloca":
        return Inst(op, result, t.type(), flags, [], None, line)
    if op == "ret":
        return Inst(op, None, None, flags, [] if t.take("void") else [t.typed()], None, line)
    if op in ("unreachable", "fence"):
        return Inst(op, None, None, flags, [], None, line)
    raise LlvmError("instruction %s is not known: %s" % (op, line))


def _header(line):
    t = Tokens(line)
    while not t.peek().startswith("@"):
        t.next()
    name, params = t.next()[1:], []
    t.expect("(")
    while not t.take(")"):
        if t.take("..."):
            continue
        kind = t.type()
        t.attributes()
        params.append((kind, t.next()[1:]))
        t.take(",")
    return name, params


def _body(lines, first):
    """first: the name of the entry block where the text does not name it."""
    blocks, current = {}, None
    joined = None
    for line in lines:
        if joined is not None:  # a switch goes over several lines
            joined += " " + line.strip()
            if line.strip() == "]" or line.strip().startswith("],"):
                if current is None:  # it is the whole entry block
                    current = blocks[first] = Block(first, [])
                current.insts.append(parse_instruction(joined))
                joined = None
            continue
        text = line.split(" ; ")[0].rstrip() if line.startswith("  ") else line.split(";")[0].rstrip()
        if not text:
            continue
        if not text.startswith(" "):
            name = text.rstrip(":").strip('"')
            current = blocks[name] = Block(name, [])
        elif text.strip().startswith("switch ") and not text.rstrip().endswith("]"):
            joined = text.strip()
        else:
            if current is None:
                current = blocks[first] = Block(first, [])
            current.insts.append(parse_instruction(text.strip()))
    return blocks


class Module:
    """Functions of a file's text by name; bodies are read on first use."""

    def __init__(self, text):
        self.lines = text.split("\n")
        self.where = {}
        for n, line in enumerate(self.lines):
            if line.startswith("define "):
                self.where[re.search(r"@([\w.$]+|\"[^\"]*\")\(", line).group(1)] = n
        self.functions = {}

    def __contains__(self, name):
        return name in self.where

    def function(self, name):
        if name not in self.functions:
            start = self.where[name]
            end = self.lines.index("}", start)
            found, params = _header(self.lines[start])
            self.functions[name] = Function(found, None, params, _body(self.lines[start + 1:end], str(len(params))))
        return self.functions[name]
