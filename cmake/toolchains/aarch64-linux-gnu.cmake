# Cross-building for 64-bit ARM Linux with clang 22 and Debian's cross libc (libc6-dev-arm64-cross).
# VSP_ARM64_ROOT: a folder with the shared libraries of that machine that LLVM needs, when the
# compiler is to be built as well (tools/test_aarch64.sh).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER clang-22)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VSP_ARM64_ROOT)
set(flags -fuse-ld=lld)
if(VSP_ARM64_ROOT)
  set(flags "${flags} -Wl,-rpath-link,${VSP_ARM64_ROOT}/usr/lib/aarch64-linux-gnu:${VSP_ARM64_ROOT}/lib/aarch64-linux-gnu")
endif()
set(CMAKE_EXE_LINKER_FLAGS_INIT "${flags}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${flags}")
