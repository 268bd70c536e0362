# --perf: the map and the jitdump, by their formats; and perf itself where it can record.
. "$(dirname "$0")/../cli/lib.sh"
here=$source_dir/test/observe
cp "$here/rise.sil" "$here/inline.sil" .

# recorded OPTIONS...: runs vspc --perf; $pid is its process.
recorded() {
	sh -c 'echo $$ >pid.txt; exec "$@" >out.txt 2>&1' sh "$vspc" --perf --sync-compile "$@"
	pid=$(cat pid.txt)
}
forget() { rm -f "/tmp/perf-$pid.map" "/tmp/jit-$pid.dump"; }

recorded rise.sil --tier=1
that 'tier 1' "$PYTHON" "$here/check_perf.py" "$pid" rise.sil 'main [tier 1]' 'square [tier 1]' 'square.enter [tier 1]'
forget
recorded inline.sil
that 'rising' "$PYTHON" "$here/check_perf.py" "$pid" inline.sil 'main [tier 1, loop at inline.sil:7]' 'main [tier 2, loop at inline.sil:7]' \
	'inner [tier 1]'
forget

# Baseline code, where this build has it.
if ! "$vspc" rise.sil --tier=baseline --stats 2>&1 | grep -q 'this build makes no baseline code'; then
	recorded rise.sil --tier=baseline
	that 'baseline' "$PYTHON" "$here/check_perf.py" "$pid" rise.sil 'main [baseline]' 'square [baseline]'
	forget
fi

# Others must not be able to lead the files elsewhere.
checks=$((checks + 1))
sh -c 'ln -s "$0/victim" /tmp/perf-$$.map; echo $$ >pid.txt; exec "$@" >out.txt' "$folder" "$vspc" sum.sil --perf --tier=1 --sync-compile
pid=$(cat pid.txt)
[ ! -e victim ] && [ ! -L "/tmp/perf-$pid.map" ] && [ -s "/tmp/perf-$pid.map" ] || { failures=$((failures + 1)); echo 'FAILED: a link was followed'; }
forget

# The whole way, where this machine lets perf record.
sed 's/MOVI R5, 3000/MOVI R5, 30000000/' inline.sil >long.sil
if perf record -q -e cpu-clock -k mono -o perf.data -- "$vspc" long.sil --perf --tier=1 --sync-compile 2>err.txt; then
	pid=$(perf script -i perf.data -F pid 2>/dev/null | head -n 1 | tr -d ' ')
	that 'perf inject' perf inject -j -i perf.data -o jit.data
	perf report -i jit.data --stdio --sort sym >report.txt 2>/dev/null
	that 'perf report names the functions' grep -q 'inner \[tier 1\]' report.txt
	forget
	rm -f /tmp/jitted-"$pid"-*.so
else
	echo 'perf cannot record here; its files were checked alone'
fi
finish
