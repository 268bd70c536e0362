# Building for macOS on Apple silicon, see macos.cmake.
set(VSP_MACOS_CPU arm64)
include(${CMAKE_CURRENT_LIST_DIR}/macos.cmake)
