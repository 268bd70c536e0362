"""Checks the files of vspc --perf: check_perf.py PID FILE NAME...

/tmp/perf-PID.map and /tmp/jit-PID.dump must be well formed and agree; each NAME must be in both;
source lines must be of FILE; unwinding information must lead to the code it belongs to. The jitdump
format is the kernel's (jitdump-specification.txt).
"""
import os
import struct
import sys

pid, source, names = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
LOAD, DEBUG, CLOSE, UNWINDING = 0, 2, 3, 4
PREFIX = 16


def need(condition, text):
    if not condition:
        sys.exit(f"perf files of {pid}: {text}")


def read_map():
    functions = {}
    with open(f"/tmp/perf-{pid}.map", encoding="utf-8") as file:
        for line in file.read().splitlines():
            start, size, name = line.split(" ", 2)
            functions[int(start, 16)] = (int(size, 16), name)
    return functions


def read_records():
    with open(f"/tmp/jit-{pid}.dump", "rb") as file:
        data = file.read()
    magic, version, size, machine, _, process, _, flags = struct.unpack_from("<IIIIIIQQ", data)
    need((magic, version, size, process, flags) == (0x4A695444, 1, 40, pid, 0), "header")
    need(machine in (62, 183, 243), "machine")
    at, last, records = 40, 0, []
    while at < len(data):
        kind, size, time = struct.unpack_from("<IIQ", data, at)
        need(size >= PREFIX and at + size <= len(data), f"record of {size} bytes at {at}")
        need(time >= last, "records go back in time")
        records.append((kind, data[at + PREFIX : at + size]))
        at, last = at + size, time
    return records


def text_at(body, at):
    end = body.index(b"\0", at)
    return body[at:end].decode(), end + 1


def check_debug(body):
    address, count = struct.unpack_from("<QQ", body)
    at, lines = 16, []
    for _ in range(count):
        where, line, discriminator = struct.unpack_from("<QII", body, at)
        name, at = text_at(body, at + 16)
        need(os.path.basename(name) == source, f"lines of {name}")
        need(discriminator == 0 and line > 0, "line")
        lines.append((where, line))
    need(at == len(body), "debug record's size")
    need(lines and [w for w, _ in lines] == sorted(w for w, _ in lines), "lines are not in order")
    return address, lines


def check_unwinding(body, code_size):
    size, header_size, mapped = struct.unpack_from("<QQQ", body)
    frame, header = body[24 : 24 + size - header_size], body[24 + size - header_size : 24 + size]
    need(mapped == 0 and len(header) == header_size == 20, "unwinding sizes")
    (cie_size,) = struct.unpack_from("<I", frame)
    fde = cie_size + 4
    length, pointer, start, span = struct.unpack_from("<IIiI", frame, fde)
    need(pointer == fde + 4, "the entry's common part")
    need(fde + 4 + length + 4 == len(frame) and frame[-4:] == bytes(4), "end of .eh_frame")
    code = -((code_size + 7) & ~7)  # where code begins, from .eh_frame on
    need(fde + 8 + start == code, f"unwinding information of other code: {fde + 8 + start}, not {code}")
    need(span <= code_size, "its size")
    kinds, frame_at, count, first, entry = header[:4], *struct.unpack_from("<iIii", header, 4)
    need(kinds == bytes((1, 0x1B, 3, 0x3B)) and count == 1, "header")
    need(len(frame) + 4 + frame_at == 0, "header's pointer")
    need(len(frame) + first == code and len(frame) + entry == fde, "header's table")


def main():
    functions, records = read_map(), read_records()
    need(records[-1] == (CLOSE, b""), "the jitdump does not end")
    numbers, found, debug, unwinding = set(), {}, None, None
    for kind, body in records[:-1]:
        if kind == DEBUG:
            debug = check_debug(body)
        elif kind == UNWINDING:
            unwinding = body
        else:
            need(kind == LOAD, f"record {kind}")
            process, _, virtual, address, size, number = struct.unpack_from("<IIQQQQ", body)
            name, at = text_at(body, 40)
            need(process == pid and virtual == address and number not in numbers, f"load record of {name}")
            need(len(body) - at == size and functions.get(address) == (size, name), f"{name} differs from the map")
            need(debug and debug[0] == address and unwinding, f"{name} has no lines or no unwinding information")
            need(all(address <= where < address + size for where, _ in debug[1]), f"{name} has lines elsewhere")
            check_unwinding(unwinding, size)
            numbers.add(number)
            found[name] = size
            debug = unwinding = None
    need(len(found) == len(functions), "the map has other functions")
    for name in names:
        need(name in found, f"no {name} among {', '.join(found)}")


main()
