# --emit-llvm: one module that LLVM's own assembler takes, of every function and loop that was
# compiled.
. "$(dirname "$0")/../cli/lib.sh"
here=$source_dir/test/observe
cp "$here/inline.sil" "$here/rise.sil" .

for options in --tier=1 --tier=2 '--sync-compile --tier1-threshold=1 --tier2-threshold=2' --sync-compile; do
	for program in inline rise; do
		rm -f x.ll
		# shellcheck disable=SC2086 # they are words
		expect 0 '' '' "$vspc" $program.sil $options --emit-llvm=x.ll
		that "one module: $program $options" [ "$(grep -c '^source_filename' x.ll)" = 1 ]
		if command -v llvm-as-22 >/dev/null; then
			that "LLVM reads it: $program $options" llvm-as-22 x.ll -o /dev/null
		fi
	done
done
that 'all functions are there' [ "$(grep -c '^define [^@]*@vsp[.]' x.ll)" -ge 2 ]
# Nothing was hot: an empty module.
expect 0 '' '' "$vspc" sum.sil --emit-llvm=none.ll
that 'nothing compiled, nothing written' test ! -s none.ll
finish
