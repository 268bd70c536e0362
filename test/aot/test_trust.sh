# The cache of runtimes, which become part of programs: sh test_trust.sh VSPC. It is used only while
# nobody else can have written to it. Status 77: tools are missing.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
needs clang-22

# A clang of the test's own; only its name is part of the cache's key.
VSP_CLANG=$work/clang XDG_CACHE_HOME=$work/cache
export VSP_CLANG XDG_CACHE_HOME
clang_is() {
	printf '#!/bin/sh\n%s\n' "$1" >clang
	chmod +x clang
}
write_first
clang_is 'exec clang-22 "$@"'
"$vspc" --aot -v --target=wasm32-wasi first.sil -o first.o 2>message.txt || { cat message.txt; exit 77; }
note="vspc: note: compiling the runtime for 'wasm32-wasi', which is kept for later programs"
same 'somebody who waits is told why' "$note" "$(grep 'compiling the runtime' message.txt)"
clang_is 'echo "error: called" >&2; exit 1'

used() { aot --target=wasm32-wasi first.sil -o again.o && cmp first.o again.o || fail "$1: the cache is not used"; }
unused() {
	echo "$1" # beside the message of what fails
	refused 'cannot be compiled: error: called' --aot --target=wasm32-wasi first.sil -o refused.o
}
folder=$work/cache/vsp
kept=$(echo "$folder"/runtime-*.bc)
used 'as it was made'
aot -v --target=wasm32-wasi first.sil -o again.o 2>message.txt
same 'and later nobody waits' '' "$(grep 'compiling the runtime' message.txt)"
same 'the folder is for its user alone' drwx------ "$(ls -ld "$folder" | cut -c1-10)"
same 'so is the file' -rw------- "$(ls -l "$kept" | cut -c1-10)"

for mode in 777 770 707 775; do
	chmod $mode "$folder" && unused "folder with mode $mode"
done
chmod 755 "$folder" && used 'others may read the folder'
for mode in 666 660 606; do
	chmod $mode "$kept" && unused "file with mode $mode"
	[ ! -e "$kept" ] || chmod 600 "$kept"
done
used 'as before'
mv "$kept" elsewhere.bc && ln -s "$work/elsewhere.bc" "$kept"
unused 'a link'
rm "$kept" && mv elsewhere.bc "$kept" && used 'back in its place'
if [ "$(id -u)" = 0 ]; then
	chown 65534 "$folder" && unused "another user's folder"
	chown 0 "$folder" && chown 65534 "$kept" && unused "another user's file"
	chown 0 "$kept"
fi
cp "$kept" whole.bc
for at in 0 1000 $(($(wc -c <"$kept") - 1)); do
	printf 'X' | dd of="$kept" bs=1 seek=$at conv=notrunc 2>/dev/null
	unused "damaged at $at"
	cp whole.bc "$kept"
done
head -c 31 whole.bc >"$kept" && unused 'shorter than its hash'
: >"$kept" && unused 'empty'
cp whole.bc "$kept" && used 'whole again'
# The same bytes under another name belong to another runtime.
other=$(dirname "$kept")/runtime-$(printf '%064d' 0).bc
mv "$kept" "$other" && unused 'a file of another name' && mv "$other" "$kept"
used 'under its own name'

# It is made on demand, made again when it is damaged, and not needed.
clang_is 'exec clang-22 "$@"'
same 'files in the cache' "$kept" "$(echo "$folder"/*)"
printf 'damage' | dd of="$kept" bs=1 seek=1000 conv=notrunc 2>/dev/null
aot --target=wasm32-wasi first.sil -o again.o && cmp first.o again.o || fail 'a damaged cache gives other bytes'
same 'files in the cache after damage' "$kept" "$(echo "$folder"/*)"
cmp whole.bc "$kept" || fail 'the runtime is not made again'
: >not_a_folder
XDG_CACHE_HOME=$work/not_a_folder
aot --target=wasm32-wasi first.sil -o uncached.o && cmp first.o uncached.o || fail 'without a cache other bytes come out'
finish
