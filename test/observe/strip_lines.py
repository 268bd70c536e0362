"""Copies a .silc file without its line table: strip_lines.py IN OUT (docs/file-format.md)."""
import struct
import sys

HEADER = 32


def padded(n):
    return (n + 3) & ~3


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


with open(sys.argv[1], "rb") as file:
    data = file.read()
code, content, symbols = struct.unpack_from("<III", data, 8)
at = HEADER + padded(code) + padded(content) + padded(symbols)
out = bytearray(data[:at])
while at < len(data):
    tag, (size,) = data[at : at + 4], struct.unpack_from("<I", data, at + 4)
    end = at + 8 + padded(size)
    if tag != b"LINE":
        out += data[at:end]
    at = end
struct.pack_into("<Q", out, 24, fnv1a(out[:24] + out[HEADER:]))
with open(sys.argv[2], "wb") as file:
    file.write(out)
