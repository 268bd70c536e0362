# A C program compiled for WASI gives what a native build of it gives, in every tier.
. "$(dirname "$0")/lib.sh"
clang=$(command -v clang-22 || command -v clang)
[ -n "$clang" ] && "$clang" --target=wasm32-wasi -O2 "$source_dir/examples/c/words.c" -o words.wasm 2>clang.txt || {
	echo "skipped: no clang that compiles for WASI: $(head -1 clang.txt 2>/dev/null)"
	exit 77
}
cc -O2 "$source_dir/examples/c/words.c" -o words || exit 77
cp "$source_dir/README.md" text
wanted=$(./words text)
for tier in interp baseline 1 2 auto; do
	"$vspc" --tier=$tier words.wasm <text >found.txt 2>said.txt
	grep -q 'need the compiler library' said.txt && continue
	that "words in tier $tier: $(head -1 said.txt)" test "$(cat found.txt)" = "$wanted"
done
"$vspc" words.wasm -- text >found.txt 2>said.txt
that "no folder, no file" test $? = 2
"$vspc" --translate words.wasm -o words.silc
"$vspc" words.silc <text >found.txt
that "translated first" test "$(cat found.txt)" = "$wanted"
"$vspc" --dir=. words.wasm -- text >found.txt 2>said.txt
if ! grep -q 'on this platform' said.txt; then
	that "a file of a folder" test "$(cat found.txt)" = "$wanted"
	"$vspc" --dir=. words.wasm -- missing >found.txt 2>said.txt
	that "the program's own status" test $? = 2
fi
# Ahead of time.
if "$vspc" --aot --dir=. words.wasm -o compiled 2>said.txt; then
	./compiled <text >found.txt
	that "compiled ahead of time" test "$(cat found.txt)" = "$wanted"
	./compiled text >found.txt
	that "compiled, with a file of a folder" test "$(cat found.txt)" = "$wanted"
	./compiled missing >found.txt 2>said.txt
	that "the compiled program's own status" test $? = 2
else
	that "what cannot be compiled is said: $(head -1 said.txt)" grep -q 'compiler library' said.txt
fi
cat >now.c <<'C'
#include <time.h>
int main(void) { return time(0) > 0 ? 0 : 7; }
C
"$clang" --target=wasm32-wasi -O2 now.c -o now.wasm 2>/dev/null
expect 0 '' '*' "$vspc" now.wasm
expect 7 '' '*' "$vspc" --deny=clock now.wasm
if "$vspc" --aot now.wasm -o now 2>said.txt; then
	expect 0 '' '' ./now
	"$vspc" --aot --deny=clock now.wasm -o now
	expect 7 '' '' ./now
fi
finish
