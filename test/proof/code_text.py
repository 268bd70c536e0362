"""The code that proofs are about: the lowering's IR of single forms, from the program proof_emit,
and the interpreter's and the runtime's, from clang.
"""

import subprocess
from collections import namedtuple

import llvm_text

Form = namedtuple("Form", "name flags effects least most")
Question = namedtuple("Question", "form options fields imm")
LOAD, STORE, BRANCH, WRITES_SP, READS_SP = 1, 2, 16, 512, 256


class Emitted:
    """Answers of proof_emit: layouts, facts about forms, and the IR of each question."""

    def __init__(self, program, questions):
        text = "".join("%s %s %04x %d\n" % (q.form, q.options, sum(f << 4 * (3 - n) for n, f in enumerate(q.fields)), q.imm)
                       for q in questions)
        done = subprocess.run([program], input=text, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        self.layout, self.forms, self.modules = {}, {}, []
        head, *cases = done.stdout.split("\ncase ")
        for line in head.split("\n"):
            word, _, rest = line.partition(" ")
            if word == "layout":
                name, at = rest.split()
                self.layout[name] = int(at)
            elif word == "form":
                name, flags, effects, least, most = rest.split()
                self.forms[name] = Form(name, int(flags), int(effects, 16), int(least), int(most))
        for case in cases:
            self.modules.append(llvm_text.Module(case[case.index("\n") + 1:] + "\n"))


def compiled(clang, source, file, *options):
    """A C file of the project as LLVM IR."""
    command = [clang, "-std=c11", "-O1", "-S", "-emit-llvm", "-o", "-", "-I" + source, "-I" + source + "/include", "-D_GNU_SOURCE",
               "-ffp-contract=off", "-fno-math-errno", *options, source + "/" + file]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return llvm_text.Module(done.stdout)
