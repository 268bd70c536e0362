#!/bin/sh
# Checks that includes point one way (docs/design.md): runtime <- ir <- frontend <- tiers <- aot <- tools, that no public header needs
# more than its neighbours, that operating-system headers stay in platform files and LLVM's in the compiler, and that no .c is included.
cd "$(dirname "$0")/.." || exit 2
git ls-files '*.c' '*.h' '*.def' | grep -v '^test/' | grep -v '^examples/' | grep -v '^bench/' | xargs awk '
function rank(path) {
	if (path ~ /^include\//) return 0
	if (path ~ /^runtime\//) return 1
	if (path ~ /^ir\/lower\//) return 4
	if (path ~ /^ir\//) return 2
	if (path ~ /^frontend\//) return 3
	if (path ~ /^tiers\//) return 4
	if (path ~ /^aot\//) return 5
	if (path ~ /^(tools|test)\//) return 6
	return 0 # beside the file that includes it
}
function wrong(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0; bad = 1 }
BEGIN {
	n = split("assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype", c, " ")
	for (i = 1; i <= n; i++) standard[c[i] ".h"] = 1
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\""); name = part[2]
	if (name ~ /\.c$/) wrong("a .c file is included")
	if (name ~ /\.\.\//) wrong("include paths start at the top")
	if (name ~ /\// && rank(name) > rank(FILENAME)) wrong("include against the direction of the layers")
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, part, /[<>]/); name = part[2]
	if (name in standard || name ~ /^vsp\//) next
	if (FILENAME ~ /^runtime\/platform_/ || FILENAME ~ /^runtime\/backends\//) next
	if (FILENAME == "tools/gen_order.c") next # works on one system only
	if (FILENAME ~ /^tools\/gen_|^tools\/interval/ && name ~ /^(mpfr|gmp)\.h$/) next
	if (name ~ /^llvm-c\// && rank(FILENAME) >= 4) next
	wrong("header outside C11 in a portable file")
}
END { exit bad }'
