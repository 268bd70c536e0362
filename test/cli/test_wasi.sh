# WASI on the command line: which programs get it, what --dir, --env, --deny and --allow grant, in
# every tier, and what the sandbox of the process leaves of it.
. "$(dirname "$0")/lib.sh"
has_compiler && tiers="interp 1 2 auto" || tiers=interp

cp "$source_dir/test/wasi/hello.sil" .
for tier in $tiers; do
	expect 7 'first hello' '' "$vspc" hello.sil --tier=$tier
	expect 7 '' '' "$vspc" hello.sil --tier=$tier --output=out.txt
	that "--output has it all, in order" [ "$(cat out.txt)" = "first hello" ]
done
expect 7 '~"status":"exited"' '' "$vspc" hello.sil --dump=json

cp "$source_dir/test/wasi/cat.sil" .
printf 'some input' >in.txt
for tier in $tiers; do
	expect 0 'some input' '' "$vspc" cat.sil --tier=$tier --input=in.txt
	expect 0 'some input' '' sh -c "'$vspc' cat.sil --tier=$tier <in.txt"
	expect 0 'piped' '' sh -c "printf piped | '$vspc' cat.sil --tier=$tier"
	expect 8 '' '' sh -c "'$vspc' cat.sil --tier=$tier <&-"
	expect 76 '' '' "$vspc" cat.sil --tier=$tier --deny=stdio
done

# A read that waits for ever is interrupted, in every tier.
mkfifo pipe
exec 4<>pipe
for tier in $tiers; do
	expect 1 '' '~INTERRUPTED' sh -c "'$vspc' cat.sil --timeout=200ms --tier=$tier <pipe"
done
exec 4>&-

cp "$source_dir/test/wasi/grants.sil" .
shown() { "$vspc" grants.sil "$@" | tr '\000' '|' | tr '\n' ' '; }
that "nothing is granted but arguments" [ "$(shown)" = "1 grants.sil| 0  76 76 8 " ]
that "--allow grants clock and random" [ "$(shown --allow=clock,random -- a '' b)" = "4 grants.sil|a||b| 0  8 " ]
that "--deny takes away what --allow gives" [ "$(shown --allow=all --deny=clock,args)" = "76 76 0  0  76 8 " ]
that "--env gives variables" [ "$(shown --env=A=1 --env B= --env=C=x=y)" = "1 grants.sil| 3 A=1|B=|C=x=y| 76 76 8 " ]
that "--env passes variables on" [ "$(PASSED=on shown --env=PASSED)" = "1 grants.sil| 1 PASSED=on| 76 76 8 " ]
that "--dir opens a folder" [ "$(shown --dir=.)" = "1 grants.sil| 0  76 76 " ]

# -v tells what was refused, and how it is granted.
expect 0 '*' "~vspc: note: WASI's clock_time_get was refused: '--allow=clock' grants it
vspc: note: WASI's random_get was refused: '--allow=random' grants it
vspc: note: the program asked for folders, and there was none: '--dir=FOLDER' grants one" "$vspc" -v grants.sil
expect 0 '*' "~vspc: note: WASI's args_get was refused: '--deny' took args away" "$vspc" -v grants.sil --deny=args
expect 0 '*' '' "$vspc" grants.sil --deny=args
"$vspc" -v grants.sil --allow=clock,random --dir=. >out.txt 2>err.txt
that "nothing refused, no note" sh -c '! grep -q "WASI\|folders" err.txt'

# Wrong options and missing folders.
unset NOT_SET
expect 2 '' "vspc: error: '--env=NOT_SET' passes a variable on, but there is none of that name" "$vspc" hello.sil --env=NOT_SET
expect 2 '' "vspc: error: '=x' is no value for '--env'; it takes NAME or NAME=VALUE" "$vspc" hello.sil --env==x
for value in '::a' ':ro' 'a::' 'a:::ro'; do
	expect 2 '' "vspc: error: '$value' is no value for '--dir'; it takes HOST, HOST::GUEST, and :ro behind them" \
		"$vspc" hello.sil --dir=$value
done
# One colon may belong to the folder's name; other programs divide by it.
mkdir with:colon
expect 7 '*' '' "$vspc" hello.sil --dir=with:colon
expect 7 '*' '' "$vspc" hello.sil --dir=with:colon:ro
expect 2 '' "vspc: error: '--dir=.:/b': there is no folder of that name; '--dir=.::/b' gives the folder another name" \
	"$vspc" hello.sil --dir=.:/b
expect 2 '' "vspc: error: '--dir=.:/b:ro': there is no folder of that name; '--dir=.::/b:ro' gives the folder another name" \
	"$vspc" hello.sil --dir=.:/b:ro
expect 0 '' "vspc: note: '--dir' has no effect: the program imports nothing from WASI" "$vspc" sum.sil --dir=.
expect 0 '' "vspc: note: '--env' has no effect: the program imports nothing from WASI" "$vspc" sum.sil --env=A=1
expect 0 '' '' "$vspc" sum.sil --dir=. -q
expect 2 '' "vspc: error: cannot open the folder 'missing': No such file or directory" "$vspc" hello.sil --dir=missing
expect 2 '' "vspc: error: cannot open the folder 'hello.sil': Not a directory" "$vspc" hello.sil --dir=hello.sil
expect 2 '' "vspc: error: '--dir' is for '--run' and '--aot'" "$vspc" --dis hello.sil --dir=.

# Imports that are not WASI's, and those with another signature: all are listed.
cat >missing.sil <<'END'
	.import wasi_snapshot_preview1.fd_write(3) -> 1
	.import wasi_snapshot_preview1.fd_read(4) -> 1
	.import wasi_snapshot_preview1.fd_nothing(1) -> 1
	.import env.other(0) -> 0
	HCALL env.other
	HLT
END
expect 2 '' "vspc: error: 'missing.sil' imports 'wasi_snapshot_preview1.fd_write' as 3 -> 1, but it is 4 -> 1
vspc: error: 'missing.sil' imports 'wasi_snapshot_preview1.fd_nothing' (1 -> 1), which vspc does not define; run it from a host of libvsp
vspc: error: 'missing.sil' imports 'env.other' (0 -> 0), which vspc does not define; run it from a host of libvsp" "$vspc" missing.sil

# Everything that a confined process must be able to do with files.
cp "$source_dir/test/wasi/files.py" .
if command -v python3 >/dev/null; then
	python3 files.py >files.sil
	echo secret >secret
	for tier in $tiers; do
		for more in '' --no-sandbox; do
			rm -rf granted
			mkdir granted
			ln -s ../secret granted/out
			expect 0 '' '' "$vspc" files.sil --tier=$tier $more --dir=granted::/ --dir=granted::/ro:ro
			that "the file was written" [ "$(head -c 5 granted/d/f)" = words ]
			that "its time was set" [ "$(stat -c %Y granted/d/f)" = 5 ]
			expect 0 '' "~WASI's path_open was refused: it wanted what lies outside of its folders" \
				sh -c "rm -rf granted/* && ln -s ../secret granted/out && '$vspc' -v files.sil --tier=$tier $more --dir=granted::/ --dir=granted::/ro:ro"
			that "its size was set" [ "$(stat -c %s granted/d/f)" = 200 ]
		done
	done
	rm -rf granted/* && ln -s ../secret granted/out
	expect 1 '69
4' '' "$vspc" files.sil --dir=granted:ro --dir=granted
	that "a folder that is only read is unchanged" [ "$(ls granted)" = out ]
fi
finish
