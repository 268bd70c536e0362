"""The rules of terms.py and intrinsics.py that are too hard for the solver at 64 bits. Each holds
for every width by a short argument, given here, and the solver checks it at small widths, where a
wrong one would show.
"""

# name: (why it holds for every width n, what must be unsatisfiable)
LEMMAS = {
    "signed product": (
        "with sign bits a and b, (x - a 2^n)(y - b 2^n) = xy - 2^n (ay + bx) modulo 2^2n",
        """
(declare-const x (_ BitVec {n}))(declare-const y (_ BitVec {n}))
(define-fun u () (_ BitVec {n}) ((_ extract {top} {n}) (bvmul ((_ zero_extend {n}) x) ((_ zero_extend {n}) y))))
(define-fun s () (_ BitVec {n}) ((_ extract {top} {n}) (bvmul ((_ sign_extend {n}) x) ((_ sign_extend {n}) y))))
(define-fun a () (_ BitVec {n}) (ite (bvslt x (_ bv0 {n})) y (_ bv0 {n})))
(define-fun b () (_ BitVec {n}) (ite (bvslt y (_ bv0 {n})) x (_ bv0 {n})))
(assert (not (= s (bvsub u (bvadd a b)))))"""),
    "narrow division": (
        "the exact quotient and remainder do not depend on the width; only MIN / -1 needs a bit more, and its low n bits are MIN",
        """
(declare-const x (_ BitVec {n}))(declare-const y (_ BitVec {n}))
(define-fun sx () (_ BitVec {twice}) ((_ sign_extend {n}) x))(define-fun sy () (_ BitVec {twice}) ((_ sign_extend {n}) y))
(define-fun zx () (_ BitVec {twice}) ((_ zero_extend {n}) x))(define-fun zy () (_ BitVec {twice}) ((_ zero_extend {n}) y))
(assert (not (and (= ((_ extract {low} 0) (bvsdiv sx sy)) (bvsdiv x y)) (= (bvsrem sx sy) ((_ sign_extend {n}) (bvsrem x y)))
 (= (bvurem zx zy) ((_ zero_extend {n}) (bvurem x y)))
 (=> (not (= y (_ bv0 {n}))) (= (bvudiv zx zy) ((_ zero_extend {n}) (bvudiv x y)))))))"""),
    "products": (
        "a product of two numbers of n bits is below 2^2n, of two signed ones within [-2^(2n-2) + 2^(n-1), 2^(2n-2)]",
        """
(declare-const x (_ BitVec {n}))(declare-const y (_ BitVec {n}))
(define-fun z () (_ BitVec {twice}) (bvmul ((_ zero_extend {n}) x) ((_ zero_extend {n}) y)))
(define-fun s () (_ BitVec {twice}) (bvmul ((_ sign_extend {n}) x) ((_ sign_extend {n}) y)))
(assert (not (and
 (= ((_ zero_extend {twice}) z) (bvmul ((_ zero_extend {thrice}) x) ((_ zero_extend {thrice}) y)))
 (= ((_ sign_extend {twice}) s) (bvmul ((_ sign_extend {thrice}) x) ((_ sign_extend {thrice}) y))))))
        """),
    "zero quotient": (
        "x / y is 0 exactly when x < y (of y = 0 it is all ones)",
        """
(declare-const x (_ BitVec {n}))(declare-const y (_ BitVec {n}))
(assert (not (= (= (bvudiv x y) (_ bv0 {n})) (bvult x y))))"""),
    "wider floats": (
        "every float is a double, so conversion to an integer and NaN do not change",
        """
(declare-const b (_ BitVec 8))
(define-fun x () (_ FloatingPoint 3 5) ((_ to_fp 3 5) b))(define-fun w () (_ FloatingPoint 5 11) ((_ to_fp 5 11) RNE x))
(assert (not (and (= (fp.isNaN x) (fp.isNaN w)) (=> (and (fp.lt x ((_ to_fp 3 5) RNE 8.0)) (fp.lt ((_ to_fp 3 5) RNE (- 8.0)) x))
 (= ((_ fp.to_sbv {n}) RTZ x) ((_ fp.to_sbv {n}) RTZ w))))))"""),
}


def check(solver, widths, steps):
    """Names of lemmas that were refuted or not decided, and how many checks there were."""
    bad, done = [], 0
    for name, (_, text) in LEMMAS.items():
        for n in (max(n, 5) for n in widths):
            filled = text.format(n=n, twice=2 * n, thrice=3 * n, top=2 * n - 1, low=n - 1)
            done += 1
            if solver.ask(filled, "(check-sat)", steps) != "unsat":
                bad.append("%s at %d bits" % (name, n))
    return bad, done
