# Building for Linux with musl's C library (Debian's musl-tools): static programs, which run here.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER musl-gcc)
# The kernel's headers are beside those of the build machine's C library.
set(CMAKE_C_FLAGS_INIT "-idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu")
# musl-gcc always names a loader, and lld then writes a program that starts by it, static or not.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -no-pie -Wl,--no-dynamic-linker")
