# Frames larger than the margin at the end of a stack: sh frames.sh VSPC ATTACK_FRAMES PYTHON.
# Programs compiled ahead of time take them into account; the JIT does not enter them, and reports
# the reason.
. "$(dirname "$0")/../cli/lib.sh"
host=$2 python=$3
programs=$source_dir/test/attack/programs.py
"$python" "$programs" 'many_helpers(2500)' >helpers.sil
"$python" "$programs" 'many_helpers(1300)' >fewer.sil
that 'compiling thousands of helpers ahead of time' "$vspc" --aot -O0 helpers.sil -o helpers.so
expect 0 '' '*' "$host" ./helpers.so
expect 0 '7' '~frame is too large' "$vspc" fewer.sil --tier2-threshold=4000000000 --sync-compile --cache=off --stats
finish
