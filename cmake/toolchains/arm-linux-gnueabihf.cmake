# Cross-building for 32-bit ARM Linux with hardware floats (Debian's armhf), see linux-cross.cmake.
set(VSP_CROSS_TRIPLE arm-linux-gnueabihf)
set(VSP_CROSS_QEMU qemu-arm)
set(CMAKE_SYSTEM_PROCESSOR armv7)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
