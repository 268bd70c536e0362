"""The C declarations of VSP's headers, in the part of C that cffi reads.

cffi has no preprocessor, and the headers need little of one: comments, directives, attributes and the
inline functions are left out. So the headers stay the only list of the interface.
"""
import re


def _without_directives(text):
    """Leaves out directives with their continuation lines, and what is for C++ alone."""
    kept, depth, cpp = [], 0, None
    lines = iter(text.split("\n"))
    for line in lines:
        if not line.lstrip().startswith("#"):
            if cpp is None:
                kept.append(line)
            continue
        directive = line.strip()
        while line.endswith("\\"):
            line = next(lines)
        if directive.startswith("#if"):
            depth += 1
            if directive == "#ifdef __cplusplus":
                cpp = depth
        elif directive.startswith("#endif"):
            if cpp == depth:
                cpp = None
            depth -= 1
    return "\n".join(kept)


def declarations(header):
    """The declarations in the text of a header."""
    text = re.sub(r"/\*.*?\*/", " ", header, flags=re.DOTALL)
    text = _without_directives(text)
    text = re.sub(r"\bVSP(_AOT)?_API\b", "", text)
    text = re.sub(r"^static inline .*?^}", "", text, flags=re.DOTALL | re.MULTILINE)
    text = text.replace("extern const ", "extern ")  # cffi takes constant variables for integers
    return re.sub(r"\n\s*\n+", "\n", text)
