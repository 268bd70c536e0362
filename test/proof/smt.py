"""Terms (terms.py) as SMT-LIB, and the solver: one z3 process that answers one query after the
other.

A query's limit counts z3's steps and not seconds, so that an answer does not depend on other work
of the machine.
"""

import subprocess
import time

_NAMES = {
    "mul": "bvmul", "and": "bvand", "or": "bvor", "xor": "bvxor", "shl": "bvshl", "lshr": "bvlshr", "ashr": "bvashr",
    "udiv": "bvudiv", "urem": "bvurem", "sdiv": "bvsdiv", "srem": "bvsrem", "ult": "bvult", "slt": "bvslt", "eq": "=", "ite": "ite",
    "feq": "fp.eq", "flt": "fp.lt", "fle": "fp.leq", "fsame": "=", "fnan": "fp.isNaN",
    "fadd": "fp.add RNE", "fsub": "fp.sub RNE", "fmul": "fp.mul RNE", "fdiv": "fp.div RNE", "fma": "fp.fma RNE", "fsqrt": "fp.sqrt RNE",
    "rtn": "fp.roundToIntegral RTN", "rtp": "fp.roundToIntegral RTP", "rtz": "fp.roundToIntegral RTZ", "rne": "fp.roundToIntegral RNE",
}
_FORMATS = {"f32": "8 24", "f64": "11 53"}
# Operations that are hard for a solver that turns everything into bits.
HARD = {"mul", "mulhu", "udiv", "urem", "sdiv", "srem", "fadd", "fsub", "fmul", "fdiv", "fma", "fsqrt", "to_sbv", "to_ubv", "of_sbv",
        "of_ubv", "rtn", "rtp", "rtz", "rne"}


def _sort(width):
    if width in _FORMATS:
        return "(_ FloatingPoint %s)" % _FORMATS[width]
    return "Bool" if width == 1 else "(_ BitVec %d)" % width


def _literal(value, width):
    if width == 1:
        return "true" if value else "false"
    return "(_ bv%d %d)" % (value, width)


def _cone(term):
    """The terms below term, each after its operands."""
    order, seen, stack = [], set(), [(term, False)]
    while stack:
        t, done = stack.pop()
        if done:
            order.append(t)
        elif t not in seen:
            seen.add(t)
            stack.append((t, True))
            stack.extend((a, False) for a in t.args)
    return order


class Printer:
    def __init__(self, abstract=frozenset()):
        self.abstract, self.lines, self.text, self.variables = abstract, [], {}, []

    def _expression(self, t):
        args = [self.text[a] for a in t.args]
        op = t.op
        if op == "sum":
            terms = [x if c == 1 else "(bvmul %s %s)" % (x, _literal(c, t.width)) for x, c in zip(args, t.value[0])]
            if t.value[1]:
                terms.append(_literal(t.value[1], t.width))
            return terms[0] if len(terms) == 1 else "(bvadd %s)" % " ".join(terms)
        if op == "extract":
            text = "((_ extract %d %d) %s)" % (*t.value, args[0])
            return "(= %s #b1)" % text if t.width == 1 else text
        if op in ("zext", "sext"):
            kind = "zero" if op == "zext" else "sign"
            return "((_ %s_extend %d) %s)" % (kind, t.width - t.args[0].width, args[0])
        if op == "mulhu":
            wide = ["((_ zero_extend %d) %s)" % (t.width, a) for a in args]
            return "((_ extract %d %d) (bvmul %s))" % (2 * t.width - 1, t.width, " ".join(wide))
        if op in ("tofp", "fcvt", "of_sbv"):
            return "((_ to_fp %s) %s%s)" % (_FORMATS[t.width], "" if op == "tofp" else "RNE ", args[0])
        if op == "of_ubv":
            return "((_ to_fp_unsigned %s) RNE %s)" % (_FORMATS[t.width], args[0])
        if op in ("to_sbv", "to_ubv"):
            return "((_ fp.%s %d) RTZ %s)" % (op, t.width, args[0])
        name = {"and": "and", "or": "or", "not": "not"}[op] if t.width == 1 and op in ("and", "or", "not") else _NAMES[op]
        return "(%s %s)" % (name, " ".join(args))

    def define(self, term):
        for t in _cone(term):
            if t in self.text:
                continue
            if t.op == "const":
                self.text[t] = _literal(t.value, t.width)
                continue
            name = "t%d" % len(self.text)
            if t.op in ("var", "bitsof") or t.op in self.abstract:
                self.lines.append("(declare-const %s %s)" % (name, _sort(t.width)))
                if t.op == "bitsof":
                    source = t.args[0]
                    self.lines.append("(assert (= ((_ to_fp %s) %s) %s))" % (_FORMATS[source.width], name, self.text[source]))
                self.variables.append((t, name))
            else:
                self.lines.append("(define-fun %s () %s %s)" % (name, _sort(t.width), self._expression(t)))
            self.text[t] = name
        return self.text[term]


def query(goal, abstract=frozenset()):
    """Text that is unsatisfiable when goal, a truth value, holds always; and its variables."""
    printer = Printer(abstract)
    name = printer.define(goal)
    return "\n".join(printer.lines + ["(assert (not %s))" % name]), printer.variables


class Solver:
    def __init__(self, z3):
        self.process = subprocess.Popen([z3, "-in"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.queries, self.seconds = 0, 0.0

    def _talk(self, text):
        self.process.stdin.write(text + "\n(echo \"end\")\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.strip() == "end":
                return lines
            lines.append(line.rstrip("\n"))
        raise RuntimeError("the solver ended: " + "\n".join(lines[-3:]))

    def ask(self, text, tactic, steps):
        """'unsat', 'sat' or 'unknown'."""
        self.queries += 1
        began = time.monotonic()
        answer = self._talk("(reset)\n(set-option :rlimit %d)\n%s\n%s" % (steps, text, tactic))
        self.seconds += time.monotonic() - began
        bad = [line for line in answer if line.startswith("(error")]
        if bad or not answer:
            raise RuntimeError("z3: " + (bad or ["no answer"])[0] + "\n" + text)
        return answer[-1]

    def model(self, variables):
        """Values of variables after 'sat', as text."""
        named = [(t, n) for t, n in variables if t.op == "var"]
        if not named:
            return ""
        lines = self._talk("(get-value (%s))" % " ".join(n for _, n in named))
        text = " ".join(lines)
        for t, n in sorted(named, key=lambda p: -len(p[1])):
            text = text.replace("(%s " % n, "(%s " % t.value)
        return text

    def close(self):
        self.process.stdin.close()
        self.process.wait()


TACTICS = ("(check-sat)", "(check-sat-using (then simplify solve-eqs bit-blast sat))")


def _attempts(goal):
    """Texts to be asked one after the other, and whether an answer 'sat' counts."""
    hidden, _ = query(goal, HARD)
    shown, variables = query(goal)
    floats = "FloatingPoint" in shown
    for text, exact in ((hidden, False), (shown, True)):
        if exact and hidden == shown:
            continue
        for tactic in TACTICS[:1] if floats else TACTICS:
            yield text, tactic, exact or hidden == shown, variables


_known, _answers = {}, {}  # by text, by goal


def valid(solver, goal, steps):
    """Is goal, a truth value, true for all values of its variables? 'identical' when the
    constructors made it so, 'solved', 'refuted' with values, or 'open' when the solver gave up.
    """
    if goal.op == "const":
        return ("identical", "") if goal.value else ("refuted", "always false")
    if (goal, steps) in _answers:
        return _answers[goal, steps]
    key, _ = query(goal)
    if key not in _known or (_known[key][0] == "open" and _known[key][2] < steps):
        _known[key] = (*_solve(solver, goal, steps), steps)
    _answers[goal, steps] = _known[key][:2]
    return _known[key][:2]


def _solve(solver, goal, steps):
    for text, tactic, exact, variables in _attempts(goal):
        answer = solver.ask(text, tactic, steps)
        if answer == "unsat":
            return "solved", ""
        if answer == "sat" and exact:
            return "refuted", solver.model(variables)
    return "open", ""
