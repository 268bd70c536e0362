# --time-passes: a table for each tier, of passes on IR and in code generation.
. "$(dirname "$0")/../cli/lib.sh"
here=$source_dir/test/observe
cp "$here/inline.sil" .
expect 0 '' '*' "$vspc" inline.sil --sync-compile --time-passes
cp err.txt table.txt
that 'both tiers' "$PYTHON" "$here/check_passes.py" 2:InstCombinePass 2:InlinerPass '2:Greedy Register Allocator' '1:Register Allocator' <table.txt
expect 0 '' '*' "$vspc" inline.sil --tier=2 --time-passes
cp err.txt table.txt
that 'what was asked for is waited for' "$PYTHON" "$here/check_passes.py" 2:GVNPass <table.txt
expect 0 '' 'no passes: nothing has been compiled' "$vspc" sum.sil --tier=interp --time-passes
checks=$((checks + 1))
ls /tmp/vsp-passes-* 2>/dev/null && failures=$((failures + 1))
finish
