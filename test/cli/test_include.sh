# Files that a source may read: ordinary files in or below its own folder, unless -I or
# --include-anywhere says otherwise.
. "$(dirname "$0")/lib.sh"

mkdir -p project/parts/deep elsewhere
outside="it is outside the folder of the main source; -I names other folders, or --include-anywhere allows all"
printf 'MOVI R0, 3\n.include "deep/inner.inc"\n' >project/parts/part.sil
printf 'SYSCALL 2\n.include "../../last.inc"\n' >project/parts/deep/inner.inc
printf 'HLT\n' >project/last.inc
printf 'MOVI R0, 4\nSYSCALL 2\nHLT\n' >elsewhere/other.sil
printf '.include "parts/part.sil"\n' >project/main.sil

# Below the main source's folder everything, seen from the file that includes it.
expect 0 3 '' "$vspc" project/main.sil
expect 0 3 '' sh -c "cd project && '$vspc' main.sil"
expect 0 3 '' sh -c "cd project && '$vspc' - <main.sil"
expect 0 3 '' "$vspc" "$PWD/project/main.sil"

# includes STATUS STDOUT STDERR NAME [OPTIONS]
includes() {
	printf '.include "%s"\n' "$4" >project/it.sil
	want=$1 want_stdout=$2 want_stderr=$3
	shift 4
	expect "$want" "$want_stdout" "$want_stderr" "$vspc" project/it.sil "$@"
}
includes 2 '' "~cannot include 'project/../elsewhere/other.sil': $outside" ../elsewhere/other.sil
includes 2 '' "~cannot include '$PWD/elsewhere/other.sil': $outside" "$PWD/elsewhere/other.sil"
includes 2 '' "~cannot include '/etc/passwd': $outside" /etc/passwd
ln -s ../elsewhere/other.sil project/link.sil
ln -s ../elsewhere project/way
includes 2 '' "~cannot include 'project/link.sil': $outside" link.sil
includes 2 '' "~cannot include 'project/way/other.sil': $outside" way/other.sil
includes 0 4 '' link.sil -I elsewhere
includes 0 4 '' link.sil -Ielsewhere
includes 0 4 '' ../elsewhere/other.sil -I elsewhere
includes 0 4 '' "$PWD/elsewhere/other.sil" -I ./elsewhere/
includes 0 4 "vspc: note: '-I nowhere' has no effect: there is no such folder" other.sil -I nowhere -I elsewhere
includes 0 4 '' ../elsewhere/other.sil --include-anywhere
includes 2 '' "~cannot include 'project/other.sil': No such file or directory" other.sil -I nowhere
# A folder whose name merely begins like another is not below it.
mkdir project2 && cp elsewhere/other.sil project2
includes 2 '' "~$outside" ../project2/other.sil

# Ordinary files alone.
includes 2 '' "~cannot include '/dev/zero': it is no ordinary file" /dev/zero --include-anywhere
includes 2 '' "~cannot include 'project/parts': it is no ordinary file" parts
mkfifo project/pipe.sil
includes 2 '' "~cannot include 'project/pipe.sil': it is no ordinary file" pipe.sil
ln -s /dev/zero project/zero.sil
includes 2 '' "~$outside" zero.sil
expect 2 '' "vspc: error: cannot read '/dev/zero': it is a device" "$vspc" /dev/zero
expect 2 '' "vspc: error: cannot read '/dev/zero': it is a device" "$vspc" --verify /dev/zero
expect 2 '' "vspc: error: cannot read 'project': Is a directory" "$vspc" project
printf 'main: HLT\n' >project/zeros.sil
printf '.include "a\\0b"\nHLT\n' >project/zeros.sil
expect 2 '' "~a file's name has no zeros" "$vspc" project/zeros.sil
# Large files are refused by their size, before they are read.
dd if=/dev/zero of=project/large.sil bs=1 count=1 seek=300000000 2>/dev/null
includes 2 '' "~cannot include 'project/large.sil': File too large" large.sil
# A main source may be a pipe, but not one without end.
expect 0 4 '' sh -c "cat elsewhere/other.sil | '$vspc' /dev/stdin"
if "$vspc" sum.sil --timeout=60s 2>/dev/null; then
	mkfifo never.sil
	late="has not begun within the time that '--timeout' gives: it is still being read or translated, or it, or a file that it gets, is not there yet"
	expect 2 '' "vspc: error: 'never.sil' $late" "$vspc" never.sil --timeout=100ms
	expect 2 '' "vspc: error: 'sum.sil' $late" "$vspc" sum.sil --input=never.sil --timeout=100ms
	expect 2 '' "vspc: error: '-' $late" sh -c "sleep 5 | '$vspc' - --timeout=100ms & wait \$!"
fi

# No text of a file without the name of a source is shown, neither by its errors nor by guesses at
# names.
printf 'root:x:0:0:secret:/root:/bin/sh\n' >project/secret.txt
printf '.include "secret.txt"\nJMP roo\n' >project/it.sil
expect 2 '' "project/secret.txt:1:8: error: this is no source; nothing of it is shown, as the file's name ends in neither .sil nor .inc
    1 | 
      | ^
project/it.sil:1:10: note: included here
    1 | .include \"secret.txt\"
      |          ^~~~~~~~~~~~" "$vspc" project/it.sil
ln -s secret.txt project/named.sil
includes 2 '' '~this is no source; nothing of it is shown' named.sil
printf 'SYSCALL 2\nHLT\n' >project/plain.txt
includes 0 0 '' plain.txt
printf 'MOVI R0, nothing\n' >project/wrong.inc
includes 2 '' "~undefined name 'nothing'" wrong.inc

# Models by the same rules.
printf 'model' >elsewhere/m.onnx && cp elsewhere/m.onnx project
model() {
	printf '.model m "%s"\nHLT\n' "$1" >project/it.sil
	shift
	"$vspc" --verify project/it.sil "$@"
}
expect 0 '' '' model m.onnx
expect 2 '' "~cannot read model 'project/../elsewhere/m.onnx': $outside" model ../elsewhere/m.onnx
expect 0 '' '' model ../elsewhere/m.onnx -I elsewhere
expect 2 '' "~cannot read model '/dev/zero': $outside" model /dev/zero
expect 2 '' "~cannot read model '/dev/zero': it is no ordinary file" model /dev/zero --include-anywhere
finish
