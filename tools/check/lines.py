#!/usr/bin/env python3
"""Checks that comments end before column 100, and other lines of C and CMake before column 120.

Tabs are 8 columns wide. Rows of tables (.def) are as long as they need to be, and so are strings
that CMake cannot break, alone on their lines.

    tools/check/lines.py            all files of the project
    tools/check/lines.py FILE...    these
"""
import os
import subprocess
import sys

COMMENT, CODE = 100, 120

# How comments begin, by the end of a file's name.
STAR, HASH, SEMICOLON = "*", "#", ";"
KINDS = [
    ((".c", ".h", ".def", ".js", ".mjs", ".ts"), STAR),
    ((".sh", ".cmake", ".py", "CMakeLists.txt", "setup", "bench/run", "pre-commit", ".ci/run"), HASH),
    ((".sil",), SEMICOLON),
]


def kind_of(path):
    """How comments begin in a file; None: it is no source, or one for fuzzing."""
    if path.startswith("test/fuzz/corpus/") or os.path.islink(path):
        return None
    return next((kind for ends, kind in KINDS if path.endswith(ends)), None)


def after_comment(line):
    """What follows the first comment that ends in the line."""
    return line.partition("*/")[2]


def ends_inside(line, inside):
    """Is the end of the line within a /* comment, given whether its beginning is?"""
    while True:
        if inside:
            if "*/" not in line:
                return True
            line, inside = after_comment(line), False
        before, mark, line = line.partition("/*")
        if not mark or before.count('"') % 2 == 1:
            return False
        inside = True


def is_comment(text, kind, inside):
    """Is there nothing but a comment, or the rest of one, in the line?"""
    if kind != STAR:
        return text.startswith(kind)
    if inside or text.startswith("/*"):
        return not after_comment(text)
    return text.startswith("//")


def is_limited(path, text):
    """Is the length of a line limited that is no comment?"""
    if path.endswith((".cmake", "CMakeLists.txt")):
        return not text.startswith('"') and not text.endswith('"')
    return path.endswith((".c", ".h"))


def too_long(path, kind):
    """The lines that are too long, with what they are, their width and what it may be."""
    inside = False
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            comment = is_comment(line.strip(), kind, inside)
            if kind == STAR:
                inside = ends_inside(line, inside)
            width = len(line.expandtabs(8))
            if comment and width > COMMENT:
                yield number, "comment", width, COMMENT
            elif not comment and width > CODE and is_limited(path, line.strip()):
                yield number, "line", width, CODE


def main(paths):
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    if not paths:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True)
        if listed.returncode != 0:
            print(f"lines.py: git does not list the files: {listed.stderr.strip()}", file=sys.stderr)
            return 77  # skipped
        paths = [path for path in listed.stdout.split("\0") if path and os.path.isfile(path)]
    wrong = 0
    for path in paths:
        kind = kind_of(path)
        if kind is None:
            continue
        for number, what, width, most in too_long(path, kind):
            print(f"{path}:{number}: a {what} of {width} columns: {most} are allowed", file=sys.stderr)
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
