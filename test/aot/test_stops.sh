# Interrupts stop every kind of loop on every machine that can be run here: sh test_stops.sh VSPC
# STOPS.c STOPS.sil. Machines that QEMU or a compiler is missing for are left out, and said.
set -u
vspc=$1 host=$2 program=$3
. "$(dirname "$0")/lib.sh"
stopped=$(printf '%s: stopped\n' tight stores team)
cp "$host" stops.c
aot "$program" -o stops.h

# stops COMPILER COMMAND... OPTIONS are in $options.
stops() {
	compiler=$1
	shift
	aot $options "$program" -o stops.a
	"$compiler" -I"$source/include" -I. stops.c stops.a -lm -pthread -o stops || fail "$compiler"
	same "loops of '$target' with '$options'" "$stopped" "$("$@" ./stops)"
}

# machine GNU_NAME TRIPLE QEMU
machine() {
	command -v "$1-gcc" >/dev/null && command -v "$3" >/dev/null || { echo "left out: $1" && return; }
	target=$2
	stops "$1-gcc" "$3" -L "/usr/$1"
}

for options in "" "--bounds=explicit --no-signals"; do
	target=
	stops "$cc" timeout 60
	machine aarch64-linux-gnu aarch64-linux-gnu qemu-aarch64
	machine riscv64-linux-gnu riscv64-linux-gnu qemu-riscv64
	machine arm-linux-gnueabihf armv7-linux-gnueabihf qemu-arm
	machine s390x-linux-gnu s390x-linux-gnu qemu-s390x
done

# Where signals do not tell where a thread is, loops look for interrupts themselves.
looks() {
	"$vspc" --aot --target="$1-linux-gnu" "$program" -o "$1.ll" || fail "$1"
	grep -c 'load atomic' "$1.ll"
}
same "checks in loops on i686" "$(looks x86_64)" "$(looks i686)"
[ "$(looks powerpc64le)" -gt "$(looks x86_64)" ] || fail "loops on powerpc64le cannot be stopped"
finish
