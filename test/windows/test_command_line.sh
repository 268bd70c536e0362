# What the command line does on Windows alone: names in UTF-8, either slash, sources with CRLF,
# devices, and clear refusals. Run as the tests in test/cli are.
. "$(dirname "$0")/../cli/lib.sh"

printf 'MOVI R0, 7\r\n.include "part.inc"\r\nSYSCALL 2\r\nHLT\r\n' >crlf.sil
printf 'ADDI R0, 5\r\n' >part.inc
expect 0 12 '' "$vspc" crlf.sil
printf 'MOVI R0, 7\r\nNOPE R1\r\n' >wrong.sil
expect 2 '' '~wrong.sil:2:1: error:' "$vspc" --verify wrong.sil

mkdir -p sub/deeper 'größe 日本'
cp crlf.sil part.inc sub/deeper
expect 0 12 '' "$vspc" 'sub\deeper\crlf.sil'
expect 0 12 '' "$vspc" 'sub\deeper/crlf.sil'
cp crlf.sil 'größe 日本/ü.sil'
expect 2 '' "~größe 日本/ü.sil:2:" "$vspc" 'größe 日本/ü.sil'
expect 0 12 '' "$vspc" -I sub/deeper 'größe 日本/ü.sil'
expect 2 '' "vspc: error: cannot read 'ä.sil': No such file or directory" "$vspc" ä.sil
printf 'HLT\n' >outer.inc
printf '.include "../outer.inc"\n' >sub/up.sil
expect 2 '' '~it is outside the folder of the main source' "$vspc" sub/up.sil
expect 0 '' '' "$vspc" --include-anywhere sub/up.sil

expect 0 '' '' "$vspc" --asm sum.sil -o 'größe 日本/summe.silc'
expect 0 '' '' "$vspc" 'größe 日本/summe.silc'
expect 0 '' '' "$vspc" --asm sum.sil -o NUL
expect 2 '' '~No such file or directory' "$vspc" --asm sum.sil -o nowhere/sum.silc
expect 2 '' '~Is a directory' "$vspc" --asm sum.sil -o sub
[ -z "$(find . -name '*.tmp')" ] || { echo "FAILED: temporary files stay"; failures=1; }

expect 2 '' '~tiers auto and interp do without' "$vspc" --tier=1 sum.sil
expect 2 '' '~needs the compiler library' "$vspc" --aot sum.sil -o sum.exe
cp "$source_dir/test/wasi/cat.sil" .
expect 2 '' '~on this platform programs cannot be given folders' "$vspc" --dir=. cat.sil
expect 0 'some input' '' sh -c 'printf "some input" | "$1" cat.sil' sh "$vspc"
finish
