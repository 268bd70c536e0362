# Cross-building for another Linux with clang 22 and Debian's cross libc (libc6-dev-*-cross);
# programs run under qemu-user. The files beside this one set VSP_CROSS_TRIPLE,
# CMAKE_SYSTEM_PROCESSOR and VSP_CROSS_QEMU, and include it. Where memory has guard pages, -R keeps
# all of it in one range: QEMU 7 takes memory of its own for each page that was ever reserved, and
# never gives it back.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER clang-22)
set(CMAKE_C_COMPILER_TARGET ${VSP_CROSS_TRIPLE})
set(flags -fuse-ld=lld)
set(CMAKE_EXE_LINKER_FLAGS_INIT "${flags}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${flags}")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "${flags}")
set(CMAKE_CROSSCOMPILING_EMULATOR ${VSP_CROSS_QEMU} -L /usr/${VSP_CROSS_TRIPLE})
