# Building for macOS on x86-64, see macos.cmake.
set(VSP_MACOS_CPU x86_64)
include(${CMAKE_CURRENT_LIST_DIR}/macos.cmake)
