"""What a device did in a trace of vspc --trace: device_times.py FILE RUNS prints the milliseconds that
one of RUNS equal runs spent in kernels, in transfers to the device and from it, and the rate of all
transfers in GB/s."""
import json
import sys

UPLOADS, KERNELS, DOWNLOADS = 4, 5, 6  # docs/debugging.md: the tracks

with open(sys.argv[1], encoding="utf-8") as file:
    steps = [e for e in json.load(file)["traceEvents"] if e["ph"] == "X"]
runs = int(sys.argv[2])
spent = {t: sum(e["dur"] for e in steps if e["tid"] == t) / 1e3 / runs for t in (UPLOADS, KERNELS, DOWNLOADS)}
moved = sum(e["args"]["bytes"] for e in steps if e["tid"] in (UPLOADS, DOWNLOADS)) / runs
travelling = spent[UPLOADS] + spent[DOWNLOADS]
rate = "%9.1f" % (moved / travelling / 1e6) if travelling else "%9s" % "-"
print("%9.2f %9.2f %9.2f %s" % (spent[KERNELS], spent[UPLOADS], spent[DOWNLOADS], rate))
