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
# Other processes have such folders too, but not for long.
left=$(ls -d /tmp/vsp-passes-* 2>/dev/null)
for try in $(seq 200); do
	[ "$left" ] && ls -d $left 2>/dev/null | grep -q . || break
	sleep 0.1
done
that 'nothing of it is left behind' test $try -lt 200
# Another user cannot be there first: the folder's name does not follow from the process's number.
for sandbox in '' --no-sandbox; do
	sh -c 'mkdir -m 777 "/tmp/vsp-passes-$$" && echo $$ >pid.txt && exec "$@" 2>table.txt' - "$vspc" inline.sil --tier=2 --time-passes $sandbox
	that 'the passes are known' "$PYTHON" "$here/check_passes.py" 2:GVNPass <table.txt
	that 'the other folder was not used' rmdir "/tmp/vsp-passes-$(cat pid.txt)"
done
finish
