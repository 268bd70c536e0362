"""Checks the tracks of batch instructions in the trace of batch.sil (test_trace.sh) on a device.

Two LAUNCHes in a batch and a VMAP: what is not touched in between travels once, results once.
"""
import json
import sys

BATCH, UPLOADS, KERNELS, DOWNLOADS = 3, 4, 5, 6

with open(sys.argv[1], encoding="utf-8") as file:
    events = json.load(file)["traceEvents"]
tracks = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
seen = {t: [e["name"] for e in events if e["ph"] == "X" and e["tid"] == t] for t in (BATCH, UPLOADS, KERNELS, DOWNLOADS)}
wanted = {
    BATCH: ["LAUNCH twice", "LAUNCH twice", "VMAP"],
    UPLOADS: ["range", "range"],
    KERNELS: ["argument block", "LAUNCH twice", "argument block", "LAUNCH twice", "VMAP"],
    DOWNLOADS: ["range", "range"],
}
if set(wanted) - set(tracks):
    sys.exit(f"tracks without a name: {tracks}")
for track, names in wanted.items():
    if seen[track] != names:
        sys.exit(f"track {tracks[track]}: {seen[track]}, not {names}")
ends = [e["ts"] + e["dur"] for e in events if e["ph"] == "X" and e["tid"] == UPLOADS]
begins = [e["ts"] for e in events if e["ph"] == "X" and e["tid"] == KERNELS and e["name"] != "argument block"]
if ends[0] > begins[0] + 0.001:
    sys.exit("a kernel began before its bytes had travelled")
