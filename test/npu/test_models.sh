# Models through vspc, in a process with the sandbox: sh test_models.sh VSPC PYTHON. Skipped without
# ONNX Runtime or python3-onnx.
. "$(dirname "$0")/../cli/lib.sh"
python=$2
"$python" -B "$source_dir/test/npu/make_models.py" 2>/dev/null || { echo "skipped: python3-onnx is not installed"; exit 77; }
if "$vspc" --list-backends | grep -q 'missing.*libonnxruntime'; then
	echo "skipped: ONNX Runtime is not here: ./setup npu brings it"
	exit 77
fi

# infer MODEL BATCH DATA: a program that gives the model DATA and prints the first float of the
# output.
infer() {
	printf '.model m "%s"\n.data\nin: %s\nout: .space 4096\n.code\nMOVI R1, in\nMOVI R2, out\nMOVI R3, %s\nINFER R0, R1, R2, R3
LD32U R4, [R2]\nS2F R0, R4\nSYSCALL 3\nHLT\n' "$1" "$3" "$2" >infer.sil
}

four='.float 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5'
infer add1.onnx 2 "$four"
for tier in interp 1 2; do
	expect 0 '2.5' '' "$vspc" infer.sil --allow=models --tier=$tier
done
expect 0 '2.5' '' "$vspc" infer.sil --allow=models --no-sandbox
expect 0 '2.5' '' "$vspc" infer.sil --allow=models --backend=npu
expect 0 '2.5' '' "$vspc" infer.sil --allow=models --backend=cpu
expect 0 '2.5' '~back end      onnxruntime, INFER 1; m: 1 node on CPU' "$vspc" infer.sil --allow=models --stats
expect 1 '' '~INFER needs the capability models' "$vspc" infer.sil
expect 0 '3.5' '' "$vspc" infer.sil --allow=models --model m=add2.onnx
expect 2 '' "vspc: error: cannot read model 'none.onnx': No such file or directory" "$vspc" infer.sil --allow=models --model m=none.onnx
expect 2 '' "~vspc: error: model 'm' cannot be used: the model is no ONNX file" "$vspc" infer.sil --allow=models --model m=infer.sil
# What a program brings is looked at when an instruction asks for it, what the user brings at once.
: >empty.onnx
head -c 20 add1.onnx >cut.onnx
for model in empty cut; do
	infer $model.onnx 2 "$four"
	why='the model has no bytes'
	[ $model = empty ] || why='the model is no ONNX file, or is cut short: its bytes are no protocol buffer'
	expect 1 '' "~trap: BACKEND: no back end can do it, or it failed: model m: $why" "$vspc" infer.sil --allow=models
	sed 's/^INFER.*/NOP/' infer.sil >unused.sil
	expect 0 '*' '' "$vspc" unused.sil --allow=models
done
infer add1.onnx 2 "$four"
expect 2 '' "vspc: error: cannot take model 'empty.onnx': the model has no bytes" "$vspc" infer.sil --allow=models --model m=empty.onnx
expect 2 '' "~vspc: error: model 'm' cannot be used: " "$vspc" infer.sil --allow=models --model m=cut.onnx
expect 2 '' "~but not the capability models: add --allow=models" "$vspc" infer.sil --model m=add2.onnx
expect 2 '' "vspc: error: 'm' is no value for '--model'; it takes NAME=FILE" "$vspc" infer.sil --model m
expect 0 '2.5' '' "$vspc" infer.sil --allow=models --npu=cpu
expect 2 '' "~has no execution provider 'tpu'; it has " "$vspc" infer.sil --allow=models --no-sandbox --npu=tpu
expect 2 '' "~ONNX Runtime's provider cpu has no option 'threads'" "$vspc" infer.sil --allow=models --npu=cpu,threads=2
if "$vspc" --list-backends | grep -q 'execution providers.* CUDA'; then # listed, but not appended by name
	expect 2 '' "~the execution provider cannot be used: " "$vspc" infer.sil --allow=models,npu --no-sandbox --npu=cuda
fi
expect 2 '' "vspc: error: '--npu=openvino' needs '--no-sandbox': a device's driver does what confined programs must not" \
	"$vspc" infer.sil --allow=models --npu=openvino
expect 2 '' "~VSP_ONNXRUNTIME names 'lib.so', which is no absolute path" env VSP_ONNXRUNTIME=lib.so "$vspc" infer.sil --allow=models --backend=npu
# Asked for on the command line: nothing starts. Needed by an instruction alone: that one traps.
for asked in --backend=npu --npu=cpu --model=m=add1.onnx; do
	expect 2 '' "~VSP_ONNXRUNTIME names '/nowhere'" env VSP_ONNXRUNTIME=/nowhere "$vspc" infer.sil --allow=models $asked
done
expect 1 '' "~trap: BACKEND: no back end can do it, or it failed: onnxruntime: VSP_ONNXRUNTIME names '/nowhere', which is no ordinary file" \
	env VSP_ONNXRUNTIME=/nowhere "$vspc" infer.sil --allow=models
mkfifo fifo
expect 1 '' "~names '$PWD/fifo', which is no ordinary file" env VSP_ONNXRUNTIME="$PWD/fifo" timeout 20 "$vspc" infer.sil --allow=models
expect 1 '' "~names '$PWD/infer.sil', which is no shared object" env VSP_ONNXRUNTIME="$PWD/infer.sil" "$vspc" infer.sil --allow=models

# Batches and shapes.
infer fixed.onnx 2 "$four"
expect 0 '2.5' '' "$vspc" infer.sil --allow=models
infer fixed.onnx 3 "$four"
expect 1 '' '~trap: BACKEND: no back end can do it, or it failed: model m: the model takes batches of 2, not of 3' "$vspc" infer.sil --allow=models
infer open.onnx 2 "$four"
expect 1 '' "~'x' has an open dimension beside the first one" "$vspc" infer.sil --allow=models
infer add1.onnx 100000 "$four"
expect 1 '' '~trap: OUT_OF_BOUNDS: access outside linear memory: the model reads 1600000 bytes and writes 1600000' "$vspc" infer.sil --allow=models
infer add1.onnx 0xFFFFFFFFFFFF "$four"
expect 1 '' '~trap: OUT_OF_BOUNDS' "$vspc" infer.sil --allow=models
infer add1.onnx 0 "$four"
expect 0 '0.0' '' "$vspc" infer.sil --allow=models
# An input that is not aligned, which the pad of one byte makes so.
infer add1.onnx 2 ".byte 0
$four"
sed -i 's/MOVI R1, in/MOVI R1, in + 1/' infer.sil
expect 0 '2.5' '' "$vspc" infer.sil --allow=models
infer two.onnx 2 '.float 1.25, 2.25
.byte 3, 4'
expect 0 '4.25' '' "$vspc" infer.sil --allow=models

# The library's outputs are in the account of the program's memory, and so is a copy of inputs that
# are not aligned.
for address in 0x20000 0x20001; do
	printf '.model m "add1.onnx"\n.memory 276, 276\n.code\nMOVI R1, %s\nMOV R2, R1\nMOVI R3, 1114112\nINFER R0, R1, R2, R3\nHLT\n' $address >large.sil
	case $address in
	*0) expect 0 '' '' "$vspc" large.sil --allow=models ;;
	*) expect 1 '' "~the program's memory limit leaves no room for the tensors" "$vspc" large.sil --allow=models ;;
	esac
done

# So are tensors within a model, 1 GiB here.
for model in spread folded; do
	infer $model.onnx 1 "$four"
	expect 1 '' "~the program's memory limit leaves no room for the tensors" "$vspc" infer.sil --allow=models --max-memory=100M
done

# What a model must not do.
infer external.onnx 1 "$four"
expect 1 '' '~the model keeps data in another file, which programs may not name' "$vspc" infer.sil --allow=models
infer endless.onnx 64 '.space 16384'
sed -i 's/4096/16384/' infer.sil
expect 1 '' '~trap: INTERRUPTED' "$vspc" infer.sil --allow=models --timeout=300ms

# EMERGE: every rho and theta of the state plus one.
printf '.model emerge "emerge.onnx"\nMOVI R0, 0x81\nMOVI R1, 0xFF\nEMERGE\nSYSCALL 2\nMOV R0, R1\nSYSCALL 2\nHLT\n' >emerge.sil
expect 0 '146240' '' "$vspc" emerge.sil --allow=models
expect 1 '' '~EMERGE needs the capability models' "$vspc" emerge.sil
sed 1d emerge.sil >plain.sil
expect 0 '146240' '' "$vspc" plain.sil --allow=models --model emerge=emerge.onnx
expect 0 '129255' '' "$vspc" plain.sil --allow=models
expect 1 '' '~the model emerge must have one input and one output, float32 of 1 by 32' "$vspc" plain.sil --allow=models --model emerge=add1.onnx

# The example: rising, falling, flat, and rising with noise. Its model is what its script makes.
expect 0 "$(printf '0\n1\n2\n0')" '' "$vspc" "$source_dir/examples/models/classifier.sil" --allow=models
"$python" -B "$source_dir/examples/models/make_classifier.py" made.onnx
that "classifier.onnx is what its script makes" cmp made.onnx "$source_dir/examples/models/classifier.onnx"

# Compiled ahead of time, the models are in the program.
infer add1.onnx 2 "$four"
if "$vspc" --aot infer.sil -o program --allow=models 2>/dev/null; then
	mkdir -p elsewhere && mv program elsewhere
	library=$(dirname "$vspc")/../lib/vsp/libonnxruntime.so.1
	[ ! -e "$library" ] || expect 0 '2.5' '' env VSP_ONNXRUNTIME="$(realpath "$library")" elsewhere/program
	expect 1 '' "~VSP_ONNXRUNTIME names '/nowhere'" env VSP_ONNXRUNTIME=/nowhere elsewhere/program
fi
finish
