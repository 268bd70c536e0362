"""What a device did in a trace of vspc --trace: device_times.py FILE RUNS [PEAK] prints the milliseconds
that one of RUNS equal runs spent in kernels, in transfers to the device and from it, the rate of all
transfers in GB/s, and the rate at which kernels went through the bytes of their ranges, as a part of
PEAK, the GB/s of the device's memory, if that is known."""
import json
import sys

UPLOADS, KERNELS, DOWNLOADS = 4, 5, 6  # docs/debugging.md: the tracks


def rate(moved, milliseconds):
    """GB/s"""
    return moved / milliseconds / 1e6 if milliseconds else 0


def column(value, form):
    return form % value if value else "%9s" % "-"


with open(sys.argv[1], encoding="utf-8") as file:
    steps = [e for e in json.load(file)["traceEvents"] if e["ph"] == "X"]
runs = int(sys.argv[2])
peak = float(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else 0
spent = {t: sum(e["dur"] for e in steps if e["tid"] == t) / 1e3 / runs for t in (UPLOADS, KERNELS, DOWNLOADS)}
moved_bytes = sum(e["args"]["bytes"] for e in steps if e["tid"] in (UPLOADS, DOWNLOADS)) / runs
travels = rate(moved_bytes, spent[UPLOADS] + spent[DOWNLOADS])
part = rate(moved_bytes, spent[KERNELS]) / peak if peak else 0
print("%9.2f %9.2f %9.2f %s %s" % (spent[KERNELS], spent[UPLOADS], spent[DOWNLOADS], column(travels, "%9.1f"), column(part, "%9.3f")))
