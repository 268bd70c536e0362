# --spectre=mask: results stay, addresses in compiled code go through a mask that the optimiser
# cannot see through, and targets that cannot be masked are refused.
. "$(dirname "$0")/lib.sh"
examples=$source_dir/examples

for name in sieve quicksort sha256 matmul; do
	"$vspc" "$examples/$name.sil" >plain.txt </dev/null
	for tier in interp baseline auto 1 2; do
		[ $tier = interp ] || [ $tier = baseline ] || has_compiler || continue
		expect 0 "$(cat plain.txt)" '*' "$vspc" --spectre=mask --tier=$tier --sync-compile "$examples/$name.sil" --input=/dev/null
	done
done
expect 0 '*' '~bounds by explicit checks' "$vspc" --spectre=mask --stats sum.sil
expect 0 '*' '~bounds by guard pages' "$vspc" --spectre=off --bounds=guard --stats sum.sil
expect 2 '' "vspc: error: '--spectre=mask' and '--bounds=guard' cannot be used together: what is masked are checked addresses" \
	"$vspc" --spectre=mask --bounds=guard sum.sil
expect 2 '' "vspc: error: 'maks' is no value for '--spectre'; it takes off or mask" "$vspc" --spectre=maks sum.sil

# Bounds are still checked.
printf '.func main\nMOVI R1, 0x7FFFFFF0\nLOAD R0, [R1]\nHLT\n.end\n' >far.sil
expect 1 '' '~OUT_OF_BOUNDS' "$vspc" --spectre=mask --tier=interp far.sil
expect 1 '' '~OUT_OF_BOUNDS' "$vspc" --spectre=mask --tier=baseline far.sil

has_compiler || finish
expect 1 '' '~OUT_OF_BOUNDS' "$vspc" --spectre=mask --tier=2 --sync-compile far.sil
for tier in 1 2; do
	for mode in mask off; do
		"$vspc" --spectre=$mode --bounds=explicit --tier=$tier --sync-compile --emit-llvm=$mode$tier.ll "$examples/sieve.sil" >none.txt
	done
	that "tier $tier hides addresses" grep -q 'asm "", "=r,0"' mask$tier.ll
	that "tier $tier does not where it was not asked" sh -c "! grep -q 'asm \"\"' off$tier.ll"
done
# Ahead of time, in which the runtime's functions are compiled too.
for mode in mask off; do
	"$vspc" --aot -O2 --spectre=$mode --bounds=explicit "$examples/sieve.sil" -o $mode.ll
done
that "code ahead of time hides addresses" grep -q 'asm "", "=r,0"' mask.ll
that "code ahead of time does not where it was not asked" sh -c "! grep -q 'asm \"\"' off.ll"
if "$vspc" --aot --spectre=mask "$examples/sieve.sil" -o sieve 2>said.txt; then
	"$vspc" "$examples/sieve.sil" >plain.txt
	expect 0 "$(cat plain.txt)" '' ./sieve
	"$vspc" --aot --spectre=mask far.sil -o far
	expect 1 '' '~outside linear memory' ./far
fi
that "a mask is code of another kind" sh -c "'$vspc' --sync-compile --cache=cache --bounds=explicit '$examples/sieve.sil' >a &&
	'$vspc' --sync-compile --cache=cache --spectre=mask '$examples/sieve.sil' >b && [ \$(ls cache | wc -l) = 2 ]"
finish
