#!/bin/sh
# The WebAssembly specification's tests: converts their .wast files with wabt's wast2json, runs a
# program on the results, and compares the counts that it prints with those of a file.
#
#     test_spec.sh EXPECTED FOLDER PROGRAM [ARGUMENT...]
#
# FOLDER is for the converted files. VSP_WASM_SPEC names the folder of the specification's tests,
# with core/*.wast in it; without it, or without wast2json, the test is skipped.
expected=$1 folder=$2
shift 2
if [ -z "$VSP_WASM_SPEC" ] || [ ! -d "$VSP_WASM_SPEC/core" ]; then
	echo "skipped: VSP_WASM_SPEC does not name the folder of the WebAssembly specification's tests"
	exit 77
fi
if ! command -v wast2json >/dev/null; then
	echo "skipped: wast2json of wabt is not installed"
	exit 77
fi
mkdir -p "$folder" || exit 2
# what the tests import of module spectest
wat2wasm "$(dirname "$0")/spectest.wat" -o "$folder/$$.spectest" && mv "$folder/$$.spectest" "$folder/spectest.wasm" || exit 1
# abbreviations that wast2json of wabt 1.0.32 does not know: instructions of tables without their
# table, and conditions of more than one folded instruction
complete='s/\(table\.\(get\|set\|grow\|fill\|size\)\)\( *[()]\|$\)/\1 0\3/g; s/(\(i32\.const [0-9]*\)) (i32\.eqz) (then)/(i32.eqz (\1)) (then)/'
# three exports that are refused, and with them their modules (unit.test_wasm_translate): they and
# the assertions that call them are left out
refused='s/(export "large-sig")//; s/(export "\(\\00[^"]*\)*")//; /^(assert_return (invoke "\(\\00[^"]*\)*")/d
/^(assert_return$/{
N
/large-sig/{
:more
N
/\n)$/!b more
d
}
}'
files=
for name in $(cut -d' ' -f1 "$expected"); do
	json=$folder/$name.json
	if [ ! -f "$json" ]; then
		# moved when it is whole: other tests convert the same files at the same time
		own=$folder/$$.$name
		mkdir -p "$own" && sed -e "$complete" -e "$refused" "$VSP_WASM_SPEC/core/$name.wast" >"$own/$name.wast" &&
			(cd "$own" && wast2json "$name.wast" -o "$name.json" && rm "$name.wast") || exit 1
		mv "$own"/*.wasm "$own"/*.wat "$folder" 2>/dev/null
		mv "$own/$name.json" "$folder" && rmdir "$own" || exit 1
	fi
	files="$files $json"
done
# shellcheck disable=SC2086 # names of the list, without spaces
"$@" $files >"$folder/$$.counts"
status=$?
diff "$expected" "$folder/$$.counts" || status=1
rm -f "$folder/$$.counts"
exit $status
