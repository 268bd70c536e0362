# How every target of the project is compiled. vsp_component(NAME source...) makes one layer an object library;
# libvsp is put together from them in tools/.

include(CheckCCompilerFlag)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(vsp_options INTERFACE)
target_include_directories(vsp_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR})
target_compile_definitions(vsp_options INTERFACE _GNU_SOURCE VSP_VERSION="${PROJECT_VERSION}")
# Contraction would change float results between compilers; strict aliasing stays on.
target_compile_options(vsp_options INTERFACE -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
  -ffp-contract=off -fno-math-errno)
if(VSP_WERROR)
  target_compile_options(vsp_options INTERFACE -Werror)
endif()
if(VSP_SANITIZE)
  target_compile_options(vsp_options INTERFACE -fsanitize=${VSP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(vsp_options INTERFACE -fsanitize=${VSP_SANITIZE})
  # The check of indirect calls reads a word in front of the callee, which compiled bytecode does not have.
  check_c_compiler_flag(-fno-sanitize=function VSP_HAS_NO_SANITIZE_FUNCTION)
  if(VSP_HAS_NO_SANITIZE_FUNCTION)
    target_compile_options(vsp_options INTERFACE -fno-sanitize=function)
  endif()
endif()
if(VSP_FUZZ)
  # Everything is instrumented; the targets in test/fuzz/ add libFuzzer itself.
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "VSP_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang-22")
  endif()
  target_compile_options(vsp_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(vsp_options INTERFACE -fsanitize=address,undefined)
endif()
if(VSP_HOSTILE)
  target_compile_definitions(vsp_options INTERFACE VSP_HOSTILE=1)
endif()

function(vsp_component name)
  add_library(${name} OBJECT ${ARGN})
  target_link_libraries(${name} PUBLIC vsp_options)
endfunction()
