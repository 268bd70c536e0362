# Cross-building for 64-bit ARM Linux, see linux-cross.cmake. VSP_ARM64_ROOT: a folder with the
# shared libraries of that machine that LLVM needs, when the compiler is to be built as well
# (tools/test_aarch64.sh).
set(VSP_CROSS_TRIPLE aarch64-linux-gnu)
set(VSP_CROSS_QEMU qemu-aarch64 -R 40G)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VSP_ARM64_ROOT)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
if(VSP_ARM64_ROOT)
  set(libraries -Wl,-rpath-link,${VSP_ARM64_ROOT}/usr/lib/aarch64-linux-gnu:${VSP_ARM64_ROOT}/lib/aarch64-linux-gnu)
  set(CMAKE_EXE_LINKER_FLAGS_INIT "${CMAKE_EXE_LINKER_FLAGS_INIT} ${libraries}")
  set(CMAKE_SHARED_LINKER_FLAGS_INIT "${CMAKE_SHARED_LINKER_FLAGS_INIT} ${libraries}")
endif()
