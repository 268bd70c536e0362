# Wrong command lines: each gets exit status 2 and one message that says what to do.
. "$(dirname "$0")/lib.sh"
printf 'MOVI R0, 0x20000\nMOVI R1, 4\nVMAP.COPY R0, R0, R1\nHLT\n' >vmap.sil
printf '.func twice(1) -> 1\nADD R0, R0\nRET\n.end\n.export twice\n' >names.sil
no_library="needs the compiler library, which this build of VSP does not have; one that is built with LLVM has it"

expect 2 '' "vspc: error: no input file; 'vspc --help' shows what to say" "$vspc"
expect 2 '' "vspc: error: unknown option '--verfy'; did you mean '--verify'?" "$vspc" --verfy sum.sil
expect 2 '' "vspc: error: unknown option '--fule=3'; did you mean '--fuel'?" "$vspc" --fule=3 sum.sil
expect 2 '' "vspc: error: unknown option '--xyzzy-plugh'; 'vspc --help' lists them" "$vspc" --xyzzy-plugh
expect 2 '' "vspc: error: unknown option '--O3'; did you mean '-O3'?" "$vspc" --O3 --aot sum.sil -o sum.o
expect 2 '' "vspc: error: 'names.sil' has no function 'twce'; did you mean 'twice'?" "$vspc" names.sil --invoke twce
expect 2 '' "vspc: error: 'names.sil' has no function 'elsewhere'" "$vspc" names.sil --invoke elsewhere
expect 2 '' "vspc: error: unknown option '--back=gpu'; did you mean '--backend'?" "$vspc" --back=gpu sum.sil
expect 2 '' "vspc: error: unknown option '--tier1-thr'; did you mean '--tier1-threshold'?" "$vspc" --tier1-thr sum.sil
expect 2 '' "vspc: error: unknown option '--max-memroy=4'; did you mean '--max-memory'?" "$vspc" --max-memroy=4 sum.sil
expect 2 '' "vspc: error: unknown option '--=4'; 'vspc --help' lists them" "$vspc" --=4 sum.sil
expect 2 '' "vspc: error: more than one input file: 'sum.sil' and 'b.sil'; arguments for the program go behind '--'" \
	"$vspc" sum.sil b.sil
expect 2 '' "vspc: error: '--asm' and '--dis' cannot be used together" "$vspc" --asm --dis sum.sil
expect 2 '' "vspc: error: '--asm' needs '-o OUT.silc'" "$vspc" --asm sum.sil
expect 2 '' "vspc: error: '--run' writes nothing to '-o'; did you mean '--asm' or '--output'?" "$vspc" sum.sil -o x
for name in x.so x.o x.a x.ll x.wasm x.exe x.dll x.s; do
	expect 2 '' "~, which '--aot' makes" "$vspc" --asm sum.sil -o $name
	that "no $name is made" test ! -e $name
done
expect 2 '' "vspc: error: '--asm' writes bytecode (.silc), and 'x.so' is the name of a shared object, which '--aot' makes" \
	"$vspc" --asm sum.sil -o x.so
expect 2 '' "vspc: error: '--invoke' needs a run, and '--dis' is none" "$vspc" --dis sum.sil --invoke f
expect 2 '' "vspc: error: '--timeout' needs a run, and '--verify' is none" "$vspc" --timeout=5s --verify sum.sil
expect 2 '' "vspc: error: '--tier' needs a run, and '--asm' is none" "$vspc" --asm sum.sil -o sum.silc --tier=interp
expect 2 '' "vspc: error: '--fuel' is for '--run' and '--aot'" "$vspc" --dis sum.sil --fuel=5
expect 2 '' "vspc: error: '-o' needs a value: OUT" "$vspc" --asm sum.sil -o
expect 2 '' "vspc: error: '--timeout' needs a value: 5s" "$vspc" sum.sil --timeout
expect 2 '' "vspc: error: '--regs' takes no value" "$vspc" sum.sil --regs=1
expect 2 '' "vspc: error: '5h' is no value for '--timeout'; it takes a time such as 5s, 200ms or 2m" "$vspc" sum.sil --timeout=5h
expect 2 '' "vspc: error: '-1' is no value for '--fuel'; it takes a number from 0 to 9223372036854775807" "$vspc" sum.sil --fuel=-1
expect 2 '' "vspc: error: '64X' is no value for '--max-memory'; it takes a number of bytes such as 64M" "$vspc" sum.sil --max-memory=64X
expect 2 '' "vspc: error: '0' is no value for '--max-depth'; it takes a number from 1 to 4294967295" "$vspc" sum.sil --max-depth=0
expect 2 '' "vspc: error: 'xml' is no value for '--dump'; it takes json" "$vspc" sum.sil --dump=xml
expect 2 '' "vspc: error: '3' is no value for '--tier'; it takes auto, interp, baseline, 1 or 2" "$vspc" sum.sil --tier=3
expect 2 '' "vspc: error: 'none' is no value for '--bounds'; it takes guard or explicit" "$vspc" sum.sil --bounds=none
expect 2 '' "vspc: error: 'stdio,disk' is no value for '--allow'; it takes a list of stdio, args, clock, random, models, gpu, npu, all" \
	"$vspc" sum.sil --allow=stdio,disk
expect 2 '' "vspc: error: 'tpu' is no value for '--backend'; it takes auto, cpu, gpu or npu" "$vspc" sum.sil --backend=tpu
expect 2 '' "vspc: error: 'a' is no value for '--model'; it takes NAME=FILE" "$vspc" sum.sil --model a
expect 2 '' "vspc: error: cannot read model 'none': No such file or directory" "$vspc" sum.sil --model a=none
wrong_npu() { # TEXT REASON
	expect 2 '' "vspc: error: '$1' is no value for '--npu': $2; it takes NAME[,KEY=VALUE]...[,strict]" "$vspc" sum.sil "--npu=$1"
}
wrong_npu '' 'it names no execution provider'
wrong_npu ',strict' 'it names no execution provider'
wrong_npu 'a=b' 'it must begin with the name of an execution provider'
wrong_npu 'cpu,' 'it has a comma with no option behind it'
wrong_npu 'cpu,,strict' 'it has a comma with no option behind it'
wrong_npu 'cpu,=,,' "'=' has no key"
wrong_npu 'cpu,a=' "'a=' has no value"
wrong_npu 'cpu,fast' "'fast' is neither KEY=VALUE nor strict"
expect 2 '' "vspc: error: '--npu=openvino' needs '--no-sandbox': a device's driver does what confined programs must not" \
	"$vspc" sum.sil --npu=openvino
expect 2 '' '~vspc: error: '\''blue'\'' is no value for '\''--color'\''' "$vspc" sum.sil --color=blue

if ! "$vspc" --tier=1 sum.sil 2>/dev/null; then # a build without the compiler library
	expect 2 '' "vspc: error: '--tier=2': tiers 1 and 2 need the compiler library, which this build of VSP does not have; tiers auto and interp do without" \
		"$vspc" --tier=2 sum.sil
	for option in --aot --trace=x --time-passes --emit-llvm=x --perf --gdb --cache=x --target=x --mcpu=x \
		--mattr=x --profile-use=x; do
		name=${option%%=*}
		expect 2 '' "vspc: error: '$name' $no_library" "$vspc" sum.sil "$option"
	done
	expect 0 '' '' "$vspc" sum.sil --cache=off
	expect 0 '' '~this build has no compiler library' "$vspc" sum.sil --stats
fi

# A folder that a run would refuse is refused by the list too.
if "$vspc" --tier=1 sum.sil 2>/dev/null; then
	: >file
	expect 2 '' "~vspc: error: cannot keep compiled code in 'file': " "$vspc" --list-backends --cache=file
	expect 2 '' "~vspc: error: cannot keep compiled code in 'no/such': " "$vspc" --list-backends=json --cache=no/such
	expect 2 '' "vspc: error: the name of the code cache's directory is empty" "$vspc" --list-backends --cache=
	mkdir open
	chmod 777 open
	posix expect 2 '' "~vspc: error: cannot keep compiled code in 'open': other users may write to it" \
		"$vspc" --list-backends --cache=open
	expect 2 '' "~vspc: error: cannot keep compiled code in 'file': " "$vspc" sum.sil --cache=file
fi

# What stands behind --invoke by mistake.
expect 2 '' "vspc: error: 'twice' takes 1 argument, but 2 are given; '--stats' goes before '--invoke', which takes all that follows it" \
	"$vspc" names.sil --invoke twice 5 --stats
expect 2 '' "vspc: error: '--stats=json' is no argument for 'twice'; an option goes before '--invoke', which takes all that follows it" \
	"$vspc" names.sil --invoke twice --stats=json
expect 2 '' "vspc: error: no input file; it goes before '--invoke', which takes all that follows it" "$vspc" --invoke twice 5 --run names.sil
for number in 18446744073709551616 -9223372036854775809 0x10000000000000000; do
	expect 2 '' "vspc: error: '$number' is too large an argument for 'twice'; integers have 64 bits" "$vspc" names.sil --invoke twice $number
done
expect 2 '' "~'5x' is no argument for 'twice'; it takes integers" "$vspc" names.sil --invoke twice 5x
expect 0 -2 '' "$vspc" names.sil --invoke twice -1
expect 0 "$("$vspc" names.sil --invoke twice 10.0)" '' "$vspc" names.sil --invoke twice 1e1

# '-' is a standard stream, or is refused; it never makes or reads a file of that name.
printf 'IN R0, 0\nOUT R0, 0\nHLT\n' >copy.sil
expect 0 h '' sh -c "echo hello | '$vspc' copy.sil --input=- --output=-"
for option in --trace --emit-llvm --profile-out; do
	has_compiler || continue
	expect 2 '' "~'$option' takes a file, and no standard stream, which is the program's; './-' is a file called '-'" "$vspc" sum.sil $option=-
	expect 0 '' '' "$vspc" sum.sil --tier=1 $option=./-
	that "./- is a file" rm ./-
done
expect 2 '' "~'--model' takes a file, and no standard stream" "$vspc" sum.sil --model a=-
expect 2 '' "~can be only one of the program, its '--input'" "$vspc" - --input=-
that "no file '-'" test ! -e ./-
expect 2 '' "~vspc: error: cannot read '.': " "$vspc" copy.sil --input=.

# Options without effect are notes, contradictions errors.
for line in "--async|'--async' has no effect without '--tier=1' or '--tier=2'" \
	"--tier=interp --tier1-threshold=5|'--tier1-threshold' has no effect where '--tier' names a tier" \
	"--tier=interp --tier2-threshold=5|'--tier2-threshold' has no effect where '--tier' names a tier" \
	"-I nosuch|'-I nosuch' has no effect: there is no such folder" "-I sum.sil|'-I sum.sil' has no effect: it is no folder"; do
	case $line in -I*) has_stamps || continue ;; esac
	expect 0 '' "vspc: note: ${line#*|}" "$vspc" sum.sil ${line%%|*}
	expect 0 '' '' "$vspc" -q sum.sil ${line%%|*}
done
expect 2 '' "vspc: error: '--allow' and '--deny' both name 'clock'" "$vspc" sum.sil --allow=random,clock --deny=clock
expect 0 '' '' "$vspc" sum.sil --allow=all --deny=clock
expect 0 '' '' "$vspc" sum.sil --allow=clock --deny=all
[ ! -e /dev/full ] || expect 2 '' '' sh -c "'$vspc' sum.sil --stats 2>/dev/full"

# Commands that take no program; help comes before all.
expect 2 '' "vspc: error: '--version' takes no file or argument, but 'sum.sil' is given" "$vspc" --version sum.sil
expect 2 '' "vspc: error: '--list-backends' takes no file or argument, but 'a' is given" "$vspc" --list-backends -- a
expect 2 '' "vspc: error: '--tier' is for a program, and '--version' takes none" "$vspc" --version --tier=interp
expect 2 '' "vspc: error: '--version' and '--list-backends' cannot be used together" "$vspc" --version --list-backends
expect 0 "vspc $("$vspc" --version | cut -d' ' -f2)" '' "$vspc" --version -q
expect 0 '~usage: vspc' '' "$vspc" --help --version
expect 0 '~usage: vspc' '' "$vspc" --version --help
expect 0 '~usage: vspc' '' "$vspc" --asm --help

# The version stands in one place, which the man page follows.
version=$(sed -n 's/^project(vsp VERSION \([0-9.]*\).*/\1/p' "$source_dir/CMakeLists.txt")
expect 0 "vspc $version" '' "$vspc" --version
expect 0 '' '' grep -q "^\.TH VSPC 1 \"\" \"VSP ${version%.*}\"" "$source_dir/tools/vspc/vspc.1"

# Each prints exactly its information.
expect 0 '~usage: vspc' '' "$vspc" --help
expect 0 '~usage: vspc' '' "$vspc" -h
for threads in abc 0 257 4x -1; do
	expect 2 '' "vspc: error: VSP_THREADS is '$threads'; it must be a number from 1 to 256" env VSP_THREADS=$threads "$vspc" sum.sil
done
expect 0 '' '' env VSP_THREADS=abc "$vspc" --threads=2 sum.sil
expect 0 '' '' env VSP_THREADS= "$vspc" sum.sil
expect 0 '' '' env VSP_THREADS=256 "$vspc" sum.sil
expect 0 '~  --timeout=5s ' '' "$vspc" --help=all
expect 0 '~cpu (cpu)' '' "$vspc" --list-backends
expect 0 "~  memory    the machine's" '' "$vspc" --list-backends
expect 0 '~  runs      GRADB DESCB VMAP VRED LAUNCH' '' "$vspc" --list-backends
expect 0 '~[{"name":"cpu","kind":"cpu","usable":true,"device":"' '' "$vspc" --list-backends=json
expect 2 '' "vspc: error: 'xml' is no value for '--list-backends'; it takes json" "$vspc" --list-backends=xml
expect 0 '' '~back end      cpu, VMAP 1' "$vspc" vmap.sil --stats
expect 0 '' '~"backends":[{"name":"cpu","kind":"cpu","VMAP":1,"placed":"","reason":""}' "$vspc" vmap.sil --stats=json
{ printf '\tHINT.GPU\n' && cat vmap.sil; } >hinted.sil
for option in --stats -v; do
	expect 0 '' "~not on        opencl, VMAP 1: capability not granted" "$vspc" hinted.sil $option
done
expect 0 '' '~"refused":[{"operation":"VMAP","name":"","count":1,"reason":"capability not granted"}]' "$vspc" hinted.sil --stats=json
expect 2 '' "~vspc: error: the back end gpu is asked for, but " "$vspc" vmap.sil --backend=gpu
expect 2 '' "~vspc: error: the back end gpu is asked for, but " "$vspc" sum.sil --backend=gpu
expect 0 '' '' "$vspc" sum.sil --backend=cpu
that "--help fits 80 columns and 24 lines" sh -c "'$vspc' --help | awk 'length > 80 { bad = 1 } END { exit bad || NR > 23 }'"

# The man page has a paragraph for every option, and for nothing else; with the same value.
"$vspc" --help=all | sed -n 's/^  \(-[-a-zA-Z0-9]*\).*/\1/p' | sed 's/^-O0*$/-O/' | LC_ALL=C sort >options
that "options are listed" test "$(wc -l <options)" -gt 40
sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' "$source_dir/tools/vspc/vspc.1" | sed -n '/^\.TP/{n;p;}' |
	sed -n 's/^\.[BIR]* *\(\\-[-\\a-zA-Z0-9]*\).*/\1/p' | tr -d '\\' | LC_ALL=C sort >described
that "vspc.1 describes every option once: $(diff options described | tr '\n' ' ')" cmp -s options described
finish
