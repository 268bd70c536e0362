# WebAssembly modules on the command line: run, translated, disassembled, and refused with a place.
. "$(dirname "$0")/lib.sh"

wasm=$source_dir/test/wasm
expect 0 231 '' "$vspc" "$wasm/moves.wasm" --invoke rotate 1 2 3
expect 0 "6
5" '' "$vspc" "$wasm/moves.wasm" --invoke swap 5 6
expect 0 51 '' "$vspc" "$wasm/tables.wasm" --invoke through 1 # the start function came first
cp "$wasm/moves.wasm" program # the first bytes decide, not the name
expect 0 1007 '' "$vspc" program --invoke old 7
expect 0 1007 '' sh -c "'$vspc' - --invoke old 7 <program"
for name in moves spills long tables references; do
	expect 0 '' '' "$vspc" --verify "$wasm/$name.wasm"
	expect 0 '' '' "$vspc" --translate "$wasm/$name.wasm" -o $name.silc
	expect 0 '' '' "$vspc" --dis $name.silc -o $name.sil
	expect 0 '' '' "$vspc" --asm $name.sil -o again.silc
	that 'the disassembly assembles to the same file' cmp $name.silc again.silc
done
# The tiers of this build.
tiers='interp 1 2'
"$vspc" program --tier=1 --invoke old 7 2>&1 | grep -q 'need the compiler library' && tiers=interp
# references; segments that are copied at run time, which WASI finds where they were copied to
for tier in $tiers; do
	expect 0 'tables change' '' "$vspc" --tier=$tier "$wasm/references.wasm"
	expect 0 70809 '' "$vspc" --tier=$tier "$wasm/references.wasm" --invoke many
	expect 1 '' '~out of bounds table access' "$vspc" --tier=$tier "$wasm/references.wasm" --invoke is_null 4
done

# a preloaded module, in the order of the command line
preload="--preload=library=$wasm/library.wasm"
for tier in $tiers; do
	expect 0 5042 '' "$vspc" --tier=$tier "$preload" "$wasm/linked.wasm" --invoke both
	expect 0 42 '' "$vspc" --tier=$tier "$preload" "$wasm/linked.wasm" --invoke through 2
	expect 1 '' '~OUT_OF_BOUNDS' "$vspc" --tier=$tier "$preload" "$wasm/linked.wasm" --invoke theirs -1
done
expect 0 '' '' "$vspc" "$preload" --translate "$wasm/linked.wasm" -o linked.silc
expect 0 1 '' "$vspc" linked.silc --invoke library.pages
expect 2 '' "vspc: error: $wasm/linked.wasm: offset 0x80: the imported global 'calls' of module 'library' is not there: a module that exports it must be preloaded (--preload NAME=FILE)" "$vspc" "$wasm/linked.wasm"
expect 2 '' '~is none of that module'\''s exports' "$vspc" --preload "library=$wasm/moves.wasm" "$wasm/linked.wasm"
expect 2 '' "vspc: error: cannot read 'missing.wasm': No such file or directory" "$vspc" --preload a=missing.wasm "$wasm/linked.wasm"
expect 2 '' "~'library'" "$vspc" --preload library "$wasm/linked.wasm"
expect 2 '' '~vspc: error: linked.silc: offset 0x0: preloaded module a: ' "$vspc" --preload a=linked.silc "$wasm/linked.wasm"
expect 2 '' "~vspc: error: $wasm/guests.wasm: offset 0x2b: preloaded module a: the imported function 'vmap' of module 'vsp' would use" "$vspc" --preload "a=$wasm/guests.wasm" "$preload" "$wasm/linked.wasm"
expect 2 '' "~has the name 'vsp'" "$vspc" --preload "vsp=$wasm/moves.wasm" "$wasm/linked.wasm"
printf '\0asm\1\0\0\0\1\4\1\140\0\0\2\11\1\3env\1f\0\0' >host.wasm
expect 2 '' "~'$wasm/moves.wasm' or a module preloaded for it imports 'env.f' (0 -> 0), which vspc does not define; '--preload=env=FILE.wasm' links a module that does" "$vspc" --preload a=host.wasm "$wasm/moves.wasm" --invoke rotate 1 2 3
expect 2 '' "~; '--preload=env=FILE.wasm' links a module that does" "$vspc" host.wasm
expect 2 '' "~; '--preload=enf=$wasm/moves.wasm' gives its module another name: did you mean '--preload=env=$wasm/moves.wasm'?" \
	"$vspc" --preload "enf=$wasm/moves.wasm" host.wasm
# A later module is none to import from.
expect 2 '' "~imports 'env.f' (0 -> 0), which vspc does not define; modules import from those that are preloaded before them" \
	"$vspc" --preload a=host.wasm --preload "env=$wasm/moves.wasm" "$wasm/moves.wasm" --invoke rotate 1 2 3
expect 2 '' "vspc: error: '--preload' needs a program that is a WebAssembly module (.wasm), and 'sum.sil' is none" \
	"$vspc" sum.sil --preload "a=$wasm/moves.wasm"
expect 2 '' "vspc: error: standard input ('-') can be only one of the program, its '--input' and the preloaded modules" "$vspc" - --preload a=-
expect 2 '' "vspc: error: standard input ('-') can be only one of the program, its '--input' and the preloaded modules" "$vspc" --preload a=- --preload b=- "$wasm/linked.wasm"
# in memory beside the program's
expect 1 '' '~OUT_OF_BOUNDS: access outside linear memory: an access beyond the end of a memory' "$vspc" "$preload" "$wasm/linked.wasm" --invoke theirs -1
# kernels, and memory and tables that have grown, in every tier, kept, and from the code cache
growing="--preload=growing=$wasm/growing.wasm"
for tier in $tiers; do
	expect 0 12 '' "$vspc" --tier=$tier --check-kernels "$growing" "$wasm/wants.wasm" --invoke last
	expect 0 7 '' "$vspc" --tier=$tier "$growing" "$wasm/wants.wasm" --invoke through 1
done
expect 0 '' '' "$vspc" "$growing" --translate "$wasm/wants.wasm" -o wants.silc
for name in wants linked; do
	expect 0 '' '' "$vspc" --dis $name.silc -o $name.sil
	expect 0 '' '' "$vspc" --asm $name.sil -o again.silc
	that 'a disassembly of linked modules assembles to the same file' cmp $name.silc again.silc
done
cache=
! has_compiler || cache=--cache=cache
for tier in $tiers; do
	for run in first cached; do
		expect 0 12 '' "$vspc" --tier=$tier --sync-compile $cache wants.silc --invoke last
		expect 0 5042 '' "$vspc" --tier=$tier --sync-compile $cache "$preload" "$wasm/linked.wasm" --invoke both
	done
done
expect 2 '' '~would write over' "$vspc" --preload library=linked.silc --translate "$wasm/linked.wasm" -o linked.silc

expect 0 2880067194370816120 '' "$vspc" moves.silc --invoke fibonacci 90
expect 2 '' "vspc: error: '--translate' needs '-o OUT.silc'" "$vspc" --translate program

# shared memory, in a file and from a pipe
printf '\0asm\1\0\0\0\5\4\1\3\1\1' >shared.wasm
expect 2 '' 'vspc: error: shared.wasm: offset 0xb: the threads feature (shared memory) is not supported' "$vspc" shared.wasm
expect 2 '' 'vspc: error: -: offset 0xb: the threads feature (shared memory) is not supported' sh -c "'$vspc' - <shared.wasm"
head -c 100 "$wasm/moves.wasm" >cut.wasm
expect 2 '' '~vspc: error: cut.wasm: offset 0x' "$vspc" --translate cut.wasm -o cut.silc
that 'nothing is written of a module that is refused' test ! -e cut.silc

# Binaries that are no programs are told in one line, and not as source.
printf '\000asm\r\000\001\000' >component.wasm
printf '\177ELF\002\001' >native
echo 'HLT' >text.wasm
printf '\000asm\002\000\000\000' >later
: >nothing.wasm
printf '!<arch>\n' >energy.a
echo 'HLT' >text.a
echo '; ModuleID' >code.ll
echo 'fn main() {}' >words.rs
for line in 'component.wasm:is a WebAssembly component' 'native:is machine code (ELF)' \
	'text.wasm:not a WebAssembly module: it does not begin' 'nothing.wasm:not a WebAssembly module: it is empty' \
	'later:not a WebAssembly module: it does not begin' 'energy.a:is a static library' 'text.a:is not a static library, as its name says: its first bytes are others' 'code.ll:is LLVM IR' \
	'words.rs:is Rust source'; do
	has_stamps || break
	file=${line%%:*}
	expect 2 '' "~${line#*:}" "$vspc" $file
	that "one line about $file" [ "$(wc -l <err.txt)" = 1 ]
done
finish
