# A compiled program with device code on the CUDA driver of tests: sh test_aot_cuda.sh VSPC AOT_CUDA
# PROGRAM FOLDER, where the driver is in FOLDER.
set -u
vspc=$1 host=$2 program=$3 folder=$4
. "$(dirname "$0")/../aot/lib.sh"
aot --gpu=on "$program" -o square.so
LD_LIBRARY_PATH=$folder "$host" ./square.so || fail "the program on CUDA"
finish
