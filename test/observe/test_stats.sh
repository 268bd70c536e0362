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
    assert f["code_size"] == sum(t["code_size"] for t in f["tiers"])
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
finish
