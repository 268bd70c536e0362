#!/usr/bin/env python3
"""Reads the code that a process compiled, as its jitdump has it: each function begins with a mark for processors that check jumps.

check_code.py VSPC PROGRAM OPTION...
"""
import os
import platform
import struct
import subprocess
import sys

MARKS = {"x86_64": (b"\xf3\x0f\x1e\xfa",), "aarch64": (b"\x5f\x24\x03\xd5", b"\x3f\x23\x03\xd5")}[platform.machine()]  # endbr64; bti c, paciasp
CODE_LOAD = 0
ENTRY = "<IIQ"  # id, size and time of a record
LOAD = "<IIQQQQ"  # process, thread, address of running, address of code, its size, its number


def functions(data):
    """Name and code of each function."""
    at = struct.unpack_from("<I", data, 8)[0]
    while at < len(data):
        kind, size, _ = struct.unpack_from(ENTRY, data, at)
        if kind == CODE_LOAD:
            body = data[at + struct.calcsize(ENTRY) + struct.calcsize(LOAD):at + size]
            length = struct.unpack_from(LOAD, data, at + struct.calcsize(ENTRY))[4]
            yield body[:body.index(0)].decode(), body[-length:]
        at += size


def main():
    process = subprocess.Popen([*sys.argv[1:], "--perf", "--sync-compile", "--cache=off"], stdout=subprocess.DEVNULL)
    process.wait()
    path = "/tmp/jit-%d.dump" % process.pid
    with open(path, "rb") as file:
        found = list(functions(file.read()))
    for name in (path, "/tmp/perf-%d.map" % process.pid):
        os.unlink(name)
    unmarked = [name for name, code in found if not code.startswith(MARKS)]
    if unmarked or not found:
        sys.exit("of %d functions these have no mark: %s" % (len(found), ", ".join(unmarked)))


main()
