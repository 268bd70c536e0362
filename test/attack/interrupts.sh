# Interrupts in every kind of nesting, in libvsp and compiled ahead of time: sh interrupts.sh HOST
# interrupts.sil [VSPC].
set -u
host=$1 program=$2 vspc=${3-}
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT || exit 1
objects=
compile() {
	name=$work/$1.so
	shift
	"$vspc" --aot "$program" -o "$name" "$@" || exit 1
	objects="$objects $name"
}
if [ -n "$vspc" ]; then
	compile guarded
	compile explicit --bounds=explicit -O1
	compile plain -O0
	compile polling --bounds=explicit --no-signals -O1
	compile returning --bounds=explicit --no-signals --status-returns -O1
fi
"$host" "$program" $objects
