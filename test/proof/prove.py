#!/usr/bin/env python3
"""Proves that the lowering's code and the interpreter's handlers compute what the instruction set
defines, form by form, for all inputs: docs/proof.md. Prints a table, what is not proved and why,
and a last line of counts. Ends with 0 when all is proved but what sampled.py names, 1 when
something is refuted or a proof is lost, 77 when there is no solver or no clang.
"""

import argparse
import collections
import shutil
import sys
import time

import cases
import lemmas
import sampled
import selftest
import smt
from code_text import Emitted, compiled
from llvm_text import LlvmError
from symbolic import NotKnown

QUICK, FULL = 1500000, 20000000  # the solver's steps for each goal: a million are about a second


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emit", required=True, help="the program proof_emit")
    parser.add_argument("--source", required=True, help="the project's folder")
    parser.add_argument("--z3", default="z3")
    parser.add_argument("--clang", default="clang")
    parser.add_argument("--quick", action="store_true", help="fewer immediates and register patterns, small limits (the default)")
    parser.add_argument("--full", action="store_true", help="all of them, and large limits")
    parser.add_argument("--self-test", action="store_true", help="is a wrong lowering, handler or definition told?")
    parser.add_argument("--only", action="append", default=[], metavar="FORM", help="only these forms")
    parser.add_argument("--verbose", action="store_true", help="a line for each case")
    return parser.parse_args()


class Report:
    """Counts of verdicts, and lines about forms that are not proved."""

    def __init__(self, verbose):
        self.verbose, self.cells, self.counts, self.notes, self.failed = verbose, collections.defaultdict(collections.Counter), \
            collections.Counter(), [], []

    def add(self, result, seconds):
        verdict = "proved" if result.verdict in ("identical", "solved") else result.verdict
        if result.verdict == "open":
            tried, wrong = 0, None
            for goal in result.open:
                n, wrong = sampled.sample(goal, 2000)
                tried += n
                if wrong is not None:
                    verdict = "refuted"
                    break
            else:
                verdict = "sampled"
            self._note_open(result, verdict, tried, wrong)
        elif verdict == "refuted":
            self.failed.append("%s, %s, %s: refuted: %s" % (result.form, result.where, result.case, result.detail))
        self.cells[result.form][result.where, verdict] += 1
        self.counts[verdict] += 1
        self.counts[result.verdict] += result.verdict in ("identical", "solved")
        if self.verbose:
            print("%-10s %-12s %-46s %5.2f s %s %s" % (result.form, result.where, result.case, seconds, result.verdict, result.detail))

    def _note_open(self, result, verdict, tried, wrong):
        reason = sampled.OPEN.get((result.form, result.where))
        text = "%s, %s, %s: %s open" % (result.form, result.where, result.case, result.detail)
        if verdict == "refuted":
            self.failed.append("%s, and false for %s" % (text, wrong))
        elif reason is None:
            self.failed.append("%s: a lost proof" % text)
        else:
            self.notes.append("%s; %d samples: %s" % (text, tried, reason))

    def error(self, form, where, error):
        self.failed.append("%s, %s: %s" % (form, where, error))

    def table(self):
        print("%-22s %16s %16s %16s" % ("", "lowering", "interpreter", "runtime"))
        for form, cells in self.cells.items():
            row = []
            for where in ("lowering", "interpreter", "runtime"):
                total = sum(n for (w, _), n in cells.items() if w == where)
                row.append("%d of %d" % (cells[where, "proved"], total) if total else "")
            print("%-22s %16s %16s %16s" % (form, *row))


def tried(report, form, where, prove):
    began = time.monotonic()
    try:
        result = prove()
        report.add(result, time.monotonic() - began)
    except (NotKnown, LlvmError) as error:
        report.error(form, where, error)


def prove_lowering(args, solver, steps, report):
    forms = Emitted(args.emit, []).forms
    questions = cases.questions(forms, args.full, args.only)
    emitted = Emitted(args.emit, questions)
    for question, module in zip(questions, emitted.modules):
        tried(report, question.form, "lowering", lambda: cases.prove_lowered(solver, emitted.layout, question, module, steps))
    return emitted


def prove_interpreter(args, solver, steps, report, emitted):
    handlers = compiled(args.clang, args.source, "tiers/interp/loop_tail.c", "-DVSP_PAIRS=0")
    tables = compiled(args.clang, args.source, "tiers/interp/decode_tables.c", "-DVSP_PAIRS=0")
    access = compiled(args.clang, args.source, "runtime/access.c")
    for form in emitted.forms.values():
        if form.name not in cases.FORMS or (args.only and form.name not in args.only):
            continue
        versions = list(cases.handlers(handlers, form.name))
        if not versions:
            report.error(form.name, "interpreter", "no handler")
        for version in versions:
            tried(report, form.name, "interpreter", lambda: cases.prove_handler(
                solver, emitted.layout, handlers, [access], form.name, version, steps))
        if "flags_" + form.name in tables:
            tried(report, form.name, "interpreter", lambda: cases.prove_flags(solver, emitted.layout, tables, form.name, steps))
    if not args.only:
        headers = compiled(args.clang, args.source, "test/proof/header_functions.c")
        modules = [access, headers] + [compiled(args.clang, args.source, path)
                                       for path in ("runtime/trap.c", "tiers/interp/slow_paths.c")]
        sizes = (1, 2, 4, 8, 16) if args.full else (1, 16)
        for check in cases.checks(solver, emitted.layout, modules, sizes, steps):
            tried(report, check[0], "runtime", check[1])
        sample_power(args, report, emitted, tables)


def sample_power(args, report, emitted, tables):
    pure = compiled(args.clang, args.source, "runtime/compiled_pure.c")
    values = sampled.EDGES if args.full else sampled.EDGES[::4]
    runs, wrong = sampled.sample_power(emitted.layout, pure, tables, values)
    report.counts["sampled"] += 2
    report.failed += wrong
    report.notes.append("POW and POW_W, result and flags: %d samples: a loop over the exponent's bits" % runs)


def main():
    args = arguments()
    for program, what in ((args.z3, "z3"), (args.clang, "clang")):
        if not program or not shutil.which(program):
            print("skipped: there is no %s" % what)
            return 77
    if args.self_test:
        return selftest.run(args)
    solver, report, steps = smt.Solver(args.z3), Report(args.verbose), FULL if args.full else QUICK
    emitted = prove_lowering(args, solver, steps, report)
    prove_interpreter(args, solver, steps, report, emitted)
    bad, done = lemmas.check(solver, range(3, 9) if args.full else (3,), steps)
    report.failed += ["lemma %s does not hold, or is too hard" % name for name in bad]
    solver.close()
    report.table()
    print("\nsampled only:")
    for note in report.notes:
        print("  " + note)
    print("not looked at here:")
    for why, which in sampled.ELSEWHERE.items():
        print("  %s (%s)" % (which, why))
    elsewhere = set(" ".join(sampled.ELSEWHERE.values()).split())
    report.failed += ["%s has no definition in isa.py" % form for form in emitted.forms if form not in cases.FORMS and form not in elsewhere]
    for line in report.failed:
        print("FAILED: " + line)
    counts = report.counts
    print("%d forms and checks: %d cases proved (%d identical, %d by z3), %d sampled, %d refuted; %d queries, %d lemma checks, %.0f s in z3; %d failures" % (
        len(report.cells), counts["proved"], counts["identical"], counts["solved"], counts["sampled"], counts["refuted"],
        solver.queries, done, solver.seconds, len(report.failed)))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
