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
# Two words side by side become a vector where they are floats. For integers the search is left out:
# it costs more than it gains.
for pair in floats integers; do
	expect 0 '' '' "$vspc" "$here/pairs.sil" --tier=2 --sync-compile --emit-llvm=$pair.ll --invoke=$pair
done
that 'floats as a vector' grep -q 'fadd <2 x double>' floats.ll
that 'integers one by one' sh -c '! grep -q "<2 x i64>" integers.ll'
"$vspc" inline.sil --tier=2 --time-passes >out.txt 2>table.txt &
wait $!
that 'the run has ended well' test $? = 0
that 'its passes are shown' "$PYTHON" "$here/check_passes.py" 2:GVNPass <table.txt
that 'nothing of it is left behind' test ! -e "/tmp/vsp-passes-$!"
finish
