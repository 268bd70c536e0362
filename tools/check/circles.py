#!/usr/bin/env python3
"""Finds circles of files that call one another: circles.py BUILD_FOLDER, once all is built.

Includes alone do not show them, since one header may declare what many files define. Symbols do: an edge leads from the object that
needs a symbol to the one that defines it. A circle means that none of its files can be understood, tested or reused alone.
Status 1 when there is one, 2 when the build folder has not what is to be looked at.
"""
import collections
import pathlib
import subprocess
import sys

# The components (cmake/VspCompile.cmake) whose files are looked at, with the folder of their
# sources.
COMPONENTS = {
    "vsp_runtime": "runtime",
    "vsp_ir": "ir",
    "vsp_lower": "ir/lower",
    "vsp_frontend": "frontend",
    "vsp_tiers": "tiers",
    "vsp_llvm_common": "tiers/llvm",
    "vsp_jit_parts": "tiers/llvm",
    "vsp_aot": "aot",
    "vspc": "tools",
}


def objects(build):
    """Objects by the source they were made of, and the components that have none."""
    found, missing = {}, []
    for component, folder in COMPONENTS.items():
        root = build / folder / "CMakeFiles" / (component + ".dir")
        paths = list(root.rglob("*.o"))
        missing += [] if paths else [component]
        for path in paths:
            found[f"{folder}/{path.relative_to(root)}"[: -len(".o")]] = path
    return found, missing


def symbols(sources):
    """What each object defines and what it needs."""
    source_of = {str(path): source for source, path in sources.items()}
    tables = {source: (set(), set()) for source in sources}
    command = ["nm", "--format=posix", "--print-file-name", *source_of]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        path, symbol = line.rsplit(": ", 1)
        name, kind = symbol.split()[:2]
        defined, needed = tables[source_of[path]]
        if kind == "U":
            needed.add(name)
        elif kind in "TDBRVW":
            defined.add(name)
    return tables


def graph(sources):
    tables = symbols(sources)
    home = {name: source for source, (defined, _) in tables.items() for name in defined}
    edges = {}
    for source, (_, needed) in tables.items():
        edges[source] = collections.defaultdict(list)
        for name in sorted(needed):
            if name in home and home[name] != source:
                edges[source][home[name]].append(name)
    return edges


def circles(edges):
    """Strongly connected components of more than one file (Tarjan 1972), with a stack of our own."""
    index, low, on_path, path, found = {}, {}, set(), [], []
    for root in edges:
        work = [] if root in index else [(root, None)]
        while work:
            node, rest = work.pop()
            if rest is None:
                index[node] = low[node] = len(index)
                path.append(node)
                on_path.add(node)
                rest = iter(edges[node])
            for other in rest:
                if other not in index:
                    work += [(node, rest), (other, None)]
                    break
                if other in on_path:
                    low[node] = min(low[node], low[other])
            else:
                if low[node] == index[node]:
                    at = path.index(node)
                    if len(path) - at > 1:
                        found.append(sorted(path[at:]))
                    on_path.difference_update(path[at:])
                    del path[at:]
                elif work:  # whoever led here reaches what it reaches
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
    return found


def main(build):
    sources, missing = objects(pathlib.Path(build))
    if missing:
        print(f"{build}: no objects of {', '.join(missing)}; build all first")
        return 2
    edges = graph(sources)
    found = circles(edges)
    for circle in found:
        print("circle of files:")
        for source in circle:
            for other in sorted(set(edges[source]) & set(circle)):
                print(f"  {source} needs {', '.join(edges[source][other][:3])} of {other}")
    print(f"{len(edges)} files, {len(found)} circles")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else 2)
