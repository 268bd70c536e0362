# Input files are never overwritten, whatever their names, and files without write permission are
# not replaced.
. "$(dirname "$0")/lib.sh"

# refuses WHAT TEXT COMMAND...: status 2 and the message, and none of the files here has changed.
refuses() {
	what=$1 text=$2
	shift 2
	before=$(cat *.sil *.silc *.bin 2>/dev/null | cksum)
	expect 2 '' "~$text" "$@"
	that "$what changes nothing" [ "$before" = "$(cat *.sil *.silc *.bin 2>/dev/null | cksum)" ]
	that "$what leaves nothing" sh -c '! ls -d *.tmp *.sil.*/ 2>/dev/null'
}

expect 0 '' '' "$vspc" --asm sum.sil -o sum.silc
mkdir folder
ln sum.sil other.sil
ln -s sum.sil link.sil
over="which is the input; name another file"
for name in sum.sil ./sum.sil folder/../sum.sil "$PWD/sum.sil" other.sil link.sil; do
	refuses "--asm to $name" "$over" "$vspc" --asm sum.sil -o "$name"
	refuses "--dis to $name" "$over" "$vspc" --dis sum.sil -o "$name"
done
refuses "--dis of a link" "$over" "$vspc" --dis link.sil -o sum.sil
cp sum.silc program
refuses "--dis of a binary" "$over" "$vspc" --dis program -o program

# Files that the source includes are read too.
printf 'MOVI R3, 1\n' >part.inc
printf '.include "part.inc"\nHLT\n' >whole.sil
refuses "an included file" "'./part.inc' of '-o' would write over 'part.inc', which the source includes" \
	"$vspc" --asm whole.sil -o ./part.inc
that "the included file is as it was" [ "$(cat part.inc)" = "MOVI R3, 1" ]

# A run reads and writes files of its own.
printf 'next: IN R0, 0\nBLT R0, R1, end\nOUT R0, 0\nJMP next\nend: HLT\n' >copy.sil
printf 'some text' >in.bin
refuses "--output to the input" "$over" "$vspc" copy.sil --output=copy.sil
refuses "--output to --input" "'in.bin' of '--output' would write over 'in.bin', which is read by --input" \
	"$vspc" copy.sil --input=in.bin --output=in.bin
refuses "--profile-out to the input" "$over" "$vspc" copy.sil --profile-out=link.sil --input=copy.sil --output=copy.sil
refuses "--profile-out to --output" "'--output' and '--profile-out' would write to one file" \
	"$vspc" copy.sil --input=in.bin --output=both.txt --profile-out=./both.txt
that "neither is made" [ ! -e both.txt ]
expect 0 '' '' "$vspc" copy.sil --input=in.bin --output=/dev/null --profile-out=/dev/null

# Without permission to write a file is not replaced, though its folder may be written to; with it,
# it keeps its permissions.
printf 'mine' >mine.silc
chmod 444 mine.silc
if [ "$(id -u)" != 0 ]; then
	refuses "a read-only file" "cannot write 'mine.silc': Permission denied" "$vspc" --asm sum.sil -o mine.silc
elif command -v setpriv >/dev/null; then # nobody must be able to come here
	chmod 755 . && chown 65534 . mine.silc
	refuses "a read-only file" "cannot write 'mine.silc': Permission denied" \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$vspc" --asm sum.sil -o mine.silc
	chown 0 .
fi
printf 'mine' >own.silc
chmod 600 own.silc
expect 0 '' '' "$vspc" --asm sum.sil -o own.silc
that "a private file stays private" [ "$(ls -l own.silc | cut -c1-10)" = -rw------- ]
that "and is written" cmp own.silc sum.silc

# Through a link its file is written, and the link stays; a file that is stdout already is appended
# to.
printf 'old' >target.silc
ln -s target.silc to_target
expect 0 '' '' "$vspc" --asm sum.sil -o to_target
that "the link stays" [ -L to_target ]
that "its file is written" cmp target.silc sum.silc
ln -s nowhere/at/all astray
expect 2 '' "~cannot write 'astray'" "$vspc" --asm sum.sil -o astray
expect 0 '' '' sh -c "echo first >out.bin; '$vspc' --dis sum.sil -o /dev/stdout >>out.bin"
that "stdout goes on" sh -c 'head -n 1 out.bin | grep -qx first && grep -q HLT out.bin'
expect 0 '' '' sh -c "'$vspc' --dis sum.sil -o out.bin >out.bin"
that "its own stdout too" grep -q HLT out.bin
[ ! -w /dev/full ] || expect 2 '' "vspc: error: cannot write '/dev/full': No space left on device" "$vspc" --asm sum.sil -o /dev/full
expect 2 '' "vspc: error: cannot write 'folder': Is a directory" "$vspc" --asm sum.sil -o folder
expect 2 '' "~cannot write 'folder/'" "$vspc" --asm sum.sil -o folder/
expect 2 '' "~cannot write ''" "$vspc" --asm sum.sil -o ''

if "$vspc" --tier=1 sum.sil 2>/dev/null; then
	for kind in '' .o .a .ll .h; do
		cp sum.sil "same$kind" && cp sum.sil keep.bin
		refuses "--aot to its input, $kind" "$over" "$vspc" --aot "same$kind" -o "same$kind"
		that "it is as it was" cmp "same$kind" keep.bin
	done
	printf 'mine' >plain && ln -s plain alias.so
	expect 2 '' "~cannot write 'alias.so': it is a link" "$vspc" --aot sum.sil -o alias.so
	refuses "--trace to the input" "$over" "$vspc" sum.sil --trace=other.sil
	refuses "--trace and --emit-llvm" "'--trace' and '--emit-llvm' would write to one file" \
		"$vspc" sum.sil --tier=1 --trace=x.bin --emit-llvm=folder/../x.bin
	# Names that a linker would misread.
	for name in -Wl,x.so @x.so; do
		expect 0 '' '' "$vspc" --aot sum.sil -o "$name"
		that "$name" test -s "./$name"
	done
fi
# Files that the source includes are not overwritten by outputs of a run either.
printf 'MOVI R0, 5\n' >part.inc
printf '.include "part.inc"\nHLT\n' >including.sil
for option in --profile-out --trace --output --emit-llvm; do
	"$vspc" --tier=1 sum.sil 2>/dev/null || [ $option = --profile-out ] || [ $option = --output ] || continue
	expect 2 '' "vspc: error: 'part.inc' of '$option' would write over 'part.inc', which the source includes; name another file" \
		"$vspc" including.sil $option=part.inc
	that "the file is as it was" [ "$(cat part.inc)" = 'MOVI R0, 5' ]
done
finish
