#!/bin/sh
# Checks that includes point one way (docs/design.md). Layers: runtime <- ir <- frontend <- tiers <-
# aot <- tools. Inside a layer, rooms: a file includes headers of its own room and of those before
# it in the list below. The .c files of modules - X.c with X.h - do not include one another's
# headers in a circle. Also: operating-system headers stay in platform files and LLVM's in the
# compiler, and no .c is included.
cd "$(dirname "$0")/../.." || exit 2
git ls-files '*.c' '*.h' '*.def' | grep -v '^examples/' | grep -v '^bench/' | xargs awk '
# Rooms of all layers, lowest first.
function rooms() {
	return "include runtime/base runtime/platform runtime/arith runtime runtime/host runtime/host/wasi runtime/backends ir frontend frontend/silc frontend/asm frontend/disasm frontend/wasm " \
		"ir/lower tiers tiers/interp tiers/baseline tiers/observe tiers/cache tiers/manager tiers/llvm tiers/api aot/runtime aot tools/vspc tools/gen js/core test"
}
function room(path,    r) {
	for (r = path; sub(/\/[^\/]*$/, "", r);)
		if (r in rank) return r
	return ""
}
function layer(r) { sub(/\/.*/, "", r); return r }
function wrong(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0; bad = 1 }
function stem(path) { sub(/\.[a-z]*$/, "", path); return path }
# May files of room a include headers of room b?
function may(a, b) { return a == b || rank[b] < rank[a] }
BEGIN {
	n = split("assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype", c, " ")
	for (i = 1; i <= n; i++) standard[c[i] ".h"] = 1
	n = split(rooms(), c, " ")
	for (i = 1; i <= n; i++) rank[c[i]] = i
	rank["tiers/gpu"] = rank["tiers/llvm"] + 0.5 # shares parts with that compiler
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\""); name = part[2]
	if (name ~ /\.c$/) wrong("a .c file is included")
	if (name ~ /\.\.\//) wrong("include paths start at the top")
	if (name !~ /\//) { dir = FILENAME; sub(/\/[^\/]*$/, "", dir); name = dir "/" name }
	from = room(FILENAME); to = room(name)
	if (from != "" && to != "" && !may(from, to)) wrong("include against the direction of the rooms")
	if (name !~ /\.h$/) next
	if (FILENAME ~ /\.h$/) declares[stem(FILENAME), stem(name)] = 1
	if (FILENAME ~ /\.c$/ && stem(name) != stem(FILENAME)) uses[stem(FILENAME), stem(name)] = 1
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, part, /[<>]/); name = part[2]
	if (FILENAME ~ /^test\//) next
	if (name in standard || name ~ /^vsp\//) next
	if (FILENAME ~ /^runtime\/(platform|backends|host\/mpi)\//) next
	if (FILENAME == "tools/gen/order.c") next # works on one system only
	if (FILENAME == "tools/gen/sources.c" && name == "dirent.h") next # C11 cannot list a folder
	if (FILENAME ~ /^tools\/gen\// && name ~ /^(mpfr|gmp)\.h$/) next
	if (name ~ /^llvm-c\// && FILENAME ~ /^(ir\/lower|tiers\/llvm|tiers\/gpu|aot)\//) next
	wrong("header outside C11 in a portable file")
}
# Depth first; a module that is reached again while it is being visited is in a circle.
function visit(m, path,    n, i, next_one) {
	if (state[m] == 2) return
	if (state[m] == 1) { print "circle of includes:" substr(path, index(path, " " m " ")) m; bad = 1; return }
	state[m] = 1
	n = m in out ? split(out[m], next_one, " ") : 0
	for (i = 1; i <= n; i++) visit(next_one[i], path m " ")
	state[m] = 2
}
END {
	# A header that includes the header of a module is a private part of it: not an edge.
	for (pair in uses) {
		split(pair, part, SUBSEP)
		if (!((part[2], part[1]) in declares)) out[part[1]] = out[part[1]] " " part[2]
	}
	for (m in out) visit(m, " ")
	exit bad
}'
