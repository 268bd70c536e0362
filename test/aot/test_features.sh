# Programs compiled for features of a processor end with a message that names the first one missing,
# on processors that lack one, and run where all are there: sh test_features.sh VSPC. Processors are
# QEMU's; other machines' programs are linked by their gcc. Tools that are not installed are left
# out.
set -u
vspc=$1
. "$(dirname "$0")/lib.sh"
write_first
ran=

# has CPU: can a program for it be linked and run?
has() {
	command -v "qemu-$1" >/dev/null && { [ "$1" = "$(uname -m)" ] || command -v "$1-linux-gnu-gcc" >/dev/null; }
}

# compile OPTIONS...: a program for $target.
compile() { aot "$@" first.sil -o program; }

# runs WHAT MODEL
runs() {
	same "$1 on $2" 15 "$($qemu -cpu "$2" ./program 2>/dev/null)"
	ran="$ran $2"
}

# lacks WHAT MODEL FEATURE
lacks() {
	message=$($qemu -cpu "$2" ./program 2>&1)
	same "status of $1 on $2" 2 $?
	case $message in *"compiled for processors with $3, which this one lacks"*) ;; *) fail "$1 on $2: $message" ;; esac
}

if has x86_64; then
	target=x86_64-linux-gnu qemu=qemu-x86_64
	compile --mcpu=haswell
	runs haswell Haswell-v4
	lacks haswell Nehalem pclmul
	lacks haswell SandyBridge fma
	compile --mattr=+avx2,-fma
	runs +avx2 max
	lacks +avx2 Nehalem avx
	lacks +avx2 IvyBridge avx2
	compile --mcpu=nehalem
	runs nehalem Nehalem
	compile --mattr=+avx512f
	lacks +avx512f Haswell-v4 avx512f
	compile
	runs "plain code" qemu64
fi
if has aarch64; then
	target=aarch64-linux-gnu qemu="qemu-aarch64 -L /usr/aarch64-linux-gnu"
	compile --mcpu=neoverse-n1
	runs neoverse-n1 neoverse-n1
	lacks neoverse-n1 cortex-a53 lse
	compile --mattr=+lse
	runs +lse cortex-a76
	lacks +lse cortex-a72 lse
	compile --mattr=+sve2
	runs +sve2 max
	lacks +sve2 neoverse-n1 sve
	compile
	runs "plain code" cortex-a53
fi
if has riscv64; then
	target=riscv64-linux-gnu qemu="qemu-riscv64 -L /usr/riscv64-linux-gnu"
	compile --mattr=+v
	runs +v rv64,v=true
	lacks +v rv64 v
	compile
	runs "plain code" sifive-u54
	compile --mcpu=sifive-p450
	lacks sifive-p450 sifive-u54 zba
fi

# Without a processor the code is for x86-64, as in clang: LLVM's own choice was tuned for the i586
# and unrolled no loops.
target=x86_64-linux-gnu
cp "$source/bench/kernels/lcg.sil" .
aot lcg.sil -o plain.s && aot --mcpu=x86-64 lcg.sil -o named.s
cmp plain.s named.s || fail "code without a processor is not that of x86-64"
target=

# Features that programs cannot check are refused, unless the output has no runtime; features for
# which LLVM ends the process are always refused.
if command -v llc-22 >/dev/null; then # the build asked it which names there are
	refused "'--mattr=-xventanacondops' does without" --aot --target=riscv64-linux-gnu --mcpu=veyron-v1 first.sil -o refused.o
	refused "'--mattr=+avx10.1,-avx10.1' does without" --aot --target=x86_64-linux-gnu --mattr=+avx10.1 first.sil -o refused.o
	target=riscv64-linux-gnu
	aot --mcpu=veyron-v1 first.sil -o vendor.s
fi
for words in x86_64:-64bit riscv64:+32bit riscv64:-d riscv64:+zfinx aarch64:+reserve-x1 aarch64:-fp-armv8; do
	refused "'${words#*:}' in '--mattr'" --aot --target=${words%:*}-linux-gnu --mattr=${words#*:} first.sil -o refused.s
done
refused "needs '+v'" --aot --target=riscv64-linux-gnu --mattr=+zvl256b first.sil -o refused.s
refused "'--mcpu' and '--mattr' are for .ll, .bc and .s there" --aot --target=s390x-linux-gnu --mcpu=z13 first.sil -o refused.o
target=s390x-linux-gnu
aot --mcpu=z13 first.sil -o z13.s
echo "ran on:$ran"
finish
