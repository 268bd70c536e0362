"""Checks a trace of vspc --trace: usage check_trace.py FILE EXPECTATION...

The file must be Chrome trace events as docs/debugging.md tells: on each track in order of time,
slices nested, each rise of a unit in its order (queued, compiled, published, used). An expectation
is "NAME" or "NAME:KEY=VALUE,...": an event of that name, with those arguments, must exist; with a !
in front, none may.
"""
import json
import sys

TRACKS = range(1, 7)  # program, compiler, batch instructions, transfers, kernels, transfers back


def fail(text):
    sys.exit(f"{sys.argv[1]}: {text}")


def check_tracks(events):
    for track in TRACKS:
        mine = [e for e in events if e["tid"] == track]
        times = [e["ts"] for e in mine]
        if times != sorted(times) or (times and times[0] < 0):
            fail(f"track {track} is not in order of time")
        open_ends = []
        for e in (e for e in mine if e["ph"] == "X"):
            end = e["ts"] + e["dur"]
            while open_ends and open_ends[-1] <= e["ts"] + 0.0005:
                open_ends.pop()
            if open_ends and end > open_ends[-1] + 0.0005:
                fail(f"{e['name']} is not nested in the slice around it")
            open_ends.append(end)


def check_rises(events):
    rises = {}
    for e in events:
        if e.get("cat") == "tier" or e["name"].startswith("compile "):
            if "args" in e:
                key = (e["args"]["pc"], e["args"]["tier"])
                rises.setdefault(key, []).append((e["name"].split()[0], e["ts"], e))
    order = ["queue", "compile", "publish", "enter", "transfer"]
    for key, steps in rises.items():
        withdrawn = max((i + 1 for i, (name, _, _) in enumerate(steps) if name == "withdraw"), default=0)
        steps = steps[withdrawn:]
        names = [name for name, _, _ in steps if name in order]
        times = {name: ts for name, ts, _ in steps}
        if len(set(names)) != len(names):
            fail(f"unit {key}: a step occurs twice: {names}")
        for a, b in zip(order, order[1:]):
            if a in times and b in times and times[a] > times[b]:
                fail(f"unit {key}: {b} comes before {a}")
        if "publish" in times and "compile" not in times:
            fail(f"unit {key}: published but not compiled")
        for name, _, e in steps:
            if name == "compile" and "reason" not in e["args"] and e["args"]["bytes"] <= 0:
                fail(f"unit {key}: compiled to nothing")
    return rises


def check_phases(events):
    compiles = [e for e in events if e["ph"] == "X" and e["name"].startswith("compile ")]
    phases = [e for e in events if e["ph"] == "X" and e["name"] in ("lower", "optimise", "emit", "link")]
    for c in compiles:
        if "reason" in c["args"]:
            continue
        inside = [p["name"] for p in phases if c["ts"] - 0.0005 <= p["ts"] <= c["ts"] + c["dur"]]
        wanted = ["lower", "emit", "link"] if c["args"]["tier"] == 1 else ["lower", "optimise", "emit", "link"]
        if [name for name in inside if name in wanted] != wanted:
            fail(f"{c['name']} has the phases {inside}")


def check_flows(events):
    begun = {e["id"] for e in events if e["ph"] == "s"}
    for e in events:
        if e["ph"] in "tf" and e["id"] not in begun:
            fail("a flow goes on that never began")


def matches(event, wanted):
    name, _, members = wanted.partition(":")
    return event["name"] == name and all(
        str(event.get("args", {}).get(key)) == value for key, _, value in (m.partition("=") for m in members.split(",") if m)
    )


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file)
    events = [e for e in trace["traceEvents"] if e["ph"] != "M"]
    if trace["otherData"]["dropped"] != 0:
        fail("events were dropped")
    check_tracks(events)
    check_rises(events)
    check_phases(events)
    check_flows(events)
    for wanted in sys.argv[2:]:
        absent = wanted.startswith("!")
        if any(matches(e, wanted.lstrip("!")) for e in events) == absent:
            fail(f"{'unexpected' if absent else 'no'} event {wanted.lstrip('!')}")


main()
