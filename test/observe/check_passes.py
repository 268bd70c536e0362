"""Checks the table of vspc --time-passes on stdin: check_passes.py TIER:PASS... (a part of its
name). Each tier's passes must be sorted and add up to its total."""
import sys

tiers, rows = {}, None
for line in sys.stdin.read().splitlines():
    if "pass of tier" in line:
        rows = tiers.setdefault(line.split()[-1], [])
        continue
    words = line.split()
    if words[-1] == "total":
        total = float(words[0])
        if abs(sum(ms for ms, _ in rows) - total) > 0.001 * (len(rows) + 1):
            sys.exit(f"the passes do not add up to {total}")
        continue
    others = words[-1] == "others"
    name = "others" if others else " ".join(words[3:])
    if not others and rows and float(words[0]) > rows[-1][0]:
        sys.exit(f"{name} is not in order")
    rows.append((float(words[0]), name))
if not tiers:
    sys.exit("no table")
for wanted in sys.argv[1:]:
    tier, _, name = wanted.partition(":")
    names = [n for _, n in tiers.get(tier, [])]
    if not any(name in n for n in names) and not any(n.startswith("(not timed: this LLVM") for n in names):
        sys.exit(f"tier {tier} has no {name} among {names}")
