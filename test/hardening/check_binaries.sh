#!/bin/sh
# check_binaries.sh READELF BUILD [VSPC]: reads what was built, and with VSPC what it compiles ahead
# of time: relocated data made read-only, no executable stack, nothing writable and executable,
# canaries, checked libc functions, and marks for checked jumps and returns in all of our own
# objects.
readelf=$1 build=$2 vspc=$3
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
checks=0
failures=0
check() { # check WHAT COMMAND...
	what=$1
	shift
	checks=$((checks + 1))
	"$@" || { failures=$((failures + 1)); echo "FAILED: $what"; }
}
shows() { # shows FILE OPTION PATTERN
	"$readelf" -W "$2" "$1" 2>/dev/null | grep -Eq "$3"
}
shows_not() { ! shows "$@"; }

check_object() {
	check "$1: relocated data is read-only" shows "$1" -l 'GNU_RELRO'
	check "$1: all symbols are bound at the start" shows "$1" -d 'BIND_NOW|Flags:.*NOW'
	check "$1: says what stack it wants" shows "$1" -l 'GNU_STACK'
	check "$1: the stack is not executable" shows_not "$1" -l 'GNU_STACK.* R?W?E '
	check "$1: nothing is writable and executable" shows_not "$1" -l 'LOAD.* RWE '
	check "$1: has no relocations in code" shows_not "$1" -d 'TEXTREL'
}

for file in bin/vspc lib/libvsp.so lib/libvsp-llvm.so lib/libvsp-aot.so lib/libvsp-gpu.so lib/libvsp-mpi-openmpi.so lib/libvsp-mpi-mpich.so; do
	[ -e "$build/$file" ] || continue
	check_object "$build/$file"
	check "$file: has canaries" shows "$build/$file" --dyn-syms '__stack_chk_(fail|guard)'
	check "$file: uses checked functions of libc" shows "$build/$file" --dyn-syms '_chk(@|$)'
done

# The marks of a whole program also depend on the start files of the C library; those of our objects
# do not.
case $(uname -m) in
x86_64) mark='IBT' ;;
aarch64) mark='BTI' ;;
*) mark= ;;
esac
if [ "$mark" ]; then
	"$readelf" -W -n "$build/lib/libvsp.a" >"$work/notes" 2>/dev/null
	members=$(ar t "$build/lib/libvsp.a" | wc -l)
	check "each of $members objects is marked '$mark'" [ "$(grep -c "$mark" "$work/notes")" = "$members" ]
fi

if [ "$vspc" ]; then
	check "a shared object is compiled" "$vspc" --aot "$source_dir/examples/sieve.sil" -o "$work/program.so"
	check "an executable is compiled" "$vspc" --aot "$source_dir/examples/sieve.sil" -o "$work/program"
	check_object "$work/program.so"
	check_object "$work/program"
	# Code of programs, ahead of time for both machines, and in a process as its jitdump has it.
	for target in x86_64-linux-gnu:IBT aarch64-linux-gnu:BTI; do
		check "an object for ${target%:*} is compiled" "$vspc" --aot --target="${target%:*}" -O2 "$source_dir/examples/sieve.sil" -o "$work/program.o"
		check "it is marked '${target#*:}'" shows "$work/program.o" -n "${target#*:}"
	done
	if [ "$mark" ] && command -v python3 >"$work/found"; then
		for tier in 1 2; do
			check "code of tier $tier begins with marks" python3 "$source_dir/test/hardening/check_code.py" "$vspc" "$source_dir/examples/sieve.sil" "--tier=$tier"
		done
	fi
fi
echo "$checks checks, $failures failed"
[ "$failures" = 0 ]
