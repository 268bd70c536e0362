# --stats: counts, tiers, times, sizes and reasons of each function, as text and as JSON.
. "$(dirname "$0")/../cli/lib.sh"
here=$source_dir/test/observe
cp "$here/inline.sil" .
expect 0 '' '*' "$vspc" inline.sil --sync-compile --stats=json
cp err.txt stats.json
that 'JSON' "$PYTHON" -c '
import json
stats = json.load(open("stats.json"))
functions = {f["name"]: f for f in stats["functions"]}
assert set(functions) == {"main", "outer", "inner"} and stats["tier"] == 2
for f in functions.values():
    assert f["calls"] >= 1 and f["reason"] == "" and f["compile_us"] > 0
    assert f["code_size"] == f["baseline_code_size"] + sum(t["code_size"] for t in f["tiers"])
    assert f["tier"] == max(t["tier"] for t in f["tiers"])
    for t in f["tiers"]:
        assert t["units"] >= 1 and t["code_size"] > 0 and t["reason"] == ""
        assert t["lower_us"] + t["optimise_us"] + t["emit_us"] + t["link_us"] <= f["compile_us"] + 4
main = functions["main"]
assert main["calls"] == 1 and main["loops"] >= 100 and [t["tier"] for t in main["tiers"]] == [1, 2]'
expect 0 '' '*' "$vspc" inline.sil --tier=interp --stats=json
cp err.txt stats.json
that 'tier 0' "$PYTHON" -c '
import json
stats = json.load(open("stats.json"))
assert stats["reason"] == "tier 0 was asked for"
inner = next(f for f in stats["functions"] if f["name"] == "inner")
assert inner["calls"] == 6000 and inner["tiers"] == [] and inner["tier"] == 0'
expect 0 '' '~code bytes' "$vspc" inline.sil --sync-compile --stats
expect 0 '' '~  main' "$vspc" inline.sil --sync-compile --stats

# too_large INSTRUCTIONS, of three bytes each: a function of so many is called three times; fields
# of its statistics are left in big.txt.
too_large() {
	instructions=$1
	shift
	awk -v n="$instructions" 'BEGIN {
		print ".func main() -> 0\nMOVI R3, 3\nagain: INVOKE big\nADDI R3, R3, -1\nBNZ R3, again\nHLT\n.end\n.func big(0) -> 0"
		for (i = 0; i < n; i++) printf "ADD R%d, R%d, R%d\n", i % 3, (i + 1) % 3, i % 3
		print "RET\n.end" }' >large.sil
	expect 0 '' '*' "$vspc" large.sil --sync-compile --stats=json "$@"
	"$PYTHON" -c '
import json
big = next(f for f in json.load(open("err.txt"))["functions"] if f["name"] == "big")
print(big["tier"], big["reason"], [(t["tier"], t["units"] > 0, t["reason"]) for t in big["tiers"]], sep="; ")' >big.txt 2>&1
}
why='the function is too large for this tier'

# Beyond OPTIMISE_WORK of ir/lower/limits.def it is compiled without optimisation, also where tier 2
# is asked for first; beyond COMPILE_SIZE it is not compiled at all. In both cases the reason is
# reported, and each tier is tried once.
if [ "$VSP_TEST_TINY_LIMITS" ]; then # of hostile builds, where other sizes are large
	finish
fi
for options in --tier=2 '--tier1-threshold=0 --tier2-threshold=0' '--tier1-threshold=1 --tier2-threshold=2'; do
	too_large 25000 $options
	that "too large to be optimised: $options" grep -Fx "1; $why; [(1, True, ''), (2, False, '$why')]" big.txt
done
too_large 140000 --tier=1
that 'too large to be compiled' grep -Fx "0; $why; [(1, False, '$why')]" big.txt
too_large 140000 --tier=2 --trace=t.json
that 'too large to be compiled, whatever is asked for' grep -Fx "0; $why; [(1, False, '$why'), (2, False, '$why')]" big.txt
that 'each tier is tried once' "$PYTHON" -c '
import json
names = [e["name"] for e in json.load(open("t.json"))["traceEvents"]]
assert all(names.count("give up big tier %d" % tier) == 1 for tier in (1, 2)), names'
finish
