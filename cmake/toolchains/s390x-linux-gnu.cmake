# Cross-building for big-endian s390x Linux, see linux-cross.cmake.
set(VSP_CROSS_TRIPLE s390x-linux-gnu)
set(VSP_CROSS_QEMU qemu-s390x)
set(CMAKE_SYSTEM_PROCESSOR s390x)
include(${CMAKE_CURRENT_LIST_DIR}/linux-cross.cmake)
