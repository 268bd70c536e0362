# A static vspc (preset musl): it needs no other file, and refuses by name what it would need shared
# objects for: sh test_static.sh VSPC PROGRAM, which is the file itself.
program=$2
. "$(dirname "$0")/../cli/lib.sh"

# ELF's PT_INTERP and PT_DYNAMIC.
readelf -lW "$program" >headers || exit 99
that "the headers of its program are read" grep -q LOAD headers
expect 1 '' '' grep -E 'INTERP|DYNAMIC' headers
expect 0 '~R0 = 0x000000000000000f' '' env -i "$program" --regs sum.sil

never='cannot be opened: this build of VSP opens no shared objects'
expect 0 '*' '' "$vspc" --list-backends
for library in libOpenCL.so.1 libcuda.so.1 libonnxruntime.so.1; do
	that "the list of back ends says why $library is missing" sh -c '"$0" --list-backends | grep -q "$1"' "$vspc" "$library $never"
done
expect 2 '' "~onnxruntime: libonnxruntime.so.1 $never" "$vspc" --npu=cpu sum.sil
expect 2 '' "~opencl: libOpenCL.so.1 $never" "$vspc" --backend=gpu --allow=gpu sum.sil
expect 2 '' "~'--mpi': the library for MPI $never" "$vspc" --mpi sum.sil
for option in --tier=1 --tier=2 --cache=cache --aot --emit-llvm=out.ll; do
	expect 2 '' '~the compiler library, which this build of VSP does not have' "$vspc" $option sum.sil
done
finish
