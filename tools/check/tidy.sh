#!/bin/sh
# Runs clang-tidy (.clang-tidy) over the sources that a build folder compiles: tools/check/tidy.sh
# [FOLDER], build/release unless named. Takes about a minute.
cd "$(dirname "$0")/../.." || exit 2
build=${1:-build/release}
[ -f "$build/compile_commands.json" ] || { echo "tidy.sh: $build has no compile_commands.json; build it first" >&2; exit 2; }
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
python3 - "$build" <<'END' | xargs -P"$(nproc)" -n8 clang-tidy-22 -p "$build" --quiet >"$log" 2>&1 || { cat "$log"; exit 1; }
import json, os, pathlib, sys
top = pathlib.Path.cwd()
layers = ("runtime", "ir", "frontend", "tiers", "aot", "tools")
with open(os.path.join(sys.argv[1], "compile_commands.json")) as commands:
    files = {pathlib.Path(c["directory"], c["file"]).resolve() for c in json.load(commands)}
for f in sorted(files):
    if top in f.parents and f.relative_to(top).parts[0] in layers:
        print(f)
END
