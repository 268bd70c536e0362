# --dump=json: every key, in every kind of ending.
. "$(dirname "$0")/lib.sh"
zeros='"0x0000000000000000"'
many() { n=0 list=; while [ $n -lt "$2" ]; do list="$list,$1" n=$((n + 1)); done; echo "$list"; }

# FNV-1a 64 of 192 KiB of zeros, computed apart from the program under test: offset basis times
# prime^196608 modulo 2^64.
hash=0x1a0564b2e8de2325
expect 0 '{"status":"halted","code":0,"trap":null,"pc":9,"sp":131072,"sr":16,"mode":4,"r":["0x000000000000000f","0x000000000000000a"'"$(many $zeros 14)"'],"g":[0.0'"$(many 0.0 15)"'],"instructions":4,"memory_fnv1a":"'$hash'","tier":0}' \
	'' "$vspc" sum.sil --tier=interp --dump=json

printf 'MOVI R0, 7\nSYSCALL 0\nHLT\n' >exit.sil
expect 7 '~{"status":"exited","code":7,"trap":null,"pc":3,' '' "$vspc" exit.sil --dump=json
printf 'MOVI R0, 1\nMOVI R1, 0\nDIV R0, R1\nHLT\n' >div.sil
expect 1 '~{"status":"trapped","code":1,"trap":{"kind":"DIV_BY_ZERO","code":null,"pc":6,"function":"main","file":"div.sil","line":3},"pc":6,"sp":131072,"sr":0,' \
	'*' "$vspc" div.sil --dump=json
printf 'TRAP 200\n' >trap.sil
expect 1 '~"trap":{"kind":"EXPLICIT","code":200,"pc":0,"function":"main","file":"trap.sil","line":1}' '*' "$vspc" trap.sil --dump=json

# The object stands on a line of its own, the last.
printf "MOVI R0, 'x'\nOUT R0, 0\nHLT\n" >print.sil
expect 0 '~x
{"status":"halted"' '' "$vspc" print.sil --dump=json
printf '.func f(0) -> 1\nMOVI R0, 3\nRET\n.end\n.export f\n' >f.sil
expect 0 '~3
{"status":"halted"' '' "$vspc" --dump=json --run f.sil --invoke f
# Names are quoted.
printf '.func main\nTRAP 1\n.end\n' >'a"b.sil'
posix expect 1 '~"file":"a\"b.sil"' '*' "$vspc" --dump=json 'a"b.sil'
# A gradient has the shortest digits that read back.
printf '.mode SIL-128\nMOVI R0, 0x80\nMOVI R1, 0x90\nGRAD R0\nHLT\n' >grad.sil
expect 0 '~"g":[1.7182819,' '' "$vspc" --dump=json grad.sil
expect 0 '*' '~"functions":[{"index":0,"name":"main","calls":1,' "$vspc" sum.sil --stats=json
finish
