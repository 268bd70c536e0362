# Cross-building for 64-bit RISC-V Linux, see linux-cross.cmake.
set(VSP_CROSS_TRIPLE riscv64-linux-gnu)
set(VSP_CROSS_QEMU qemu-riscv64 -R 40G)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
