# Checks whether the JIT can be linked statically with LLVM. Sets VSP_LLVM_STATIC, the libraries and
# options to link with, VSP_LLVM_ORDERED and VSP_LLVM_BOLTED. Symbols of the archives stay hidden,
# so that another LLVM in the process does not interfere with this one.
set(VSP_LLVM_STATIC FALSE)
set(VSP_LLVM_BOLTED FALSE)
set(VSP_LLVM_NO_BOLT "LLVM is not inside")
if(VSP_LLVM_LINK STREQUAL "SHARED" OR (VSP_LLVM_LINK STREQUAL "AUTO" AND (VSP_SANITIZE OR VSP_FUZZ)))
  return()
endif()

set(static_components orcjit native passes bitreader bitwriter linker)
execute_process(COMMAND ${VSP_LLVM_CONFIG} --link-static --libfiles ${static_components}
  OUTPUT_VARIABLE static_files OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE static_result)
separate_arguments(static_files)
set(static_missing)
foreach(file ${static_files})
  if(NOT EXISTS ${file})
    list(APPEND static_missing ${file})
  endif()
endforeach()
# Libraries that LLVM's support library itself needs. Its solver and its XML reader are in members
# that the JIT does not pull in.
execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libstdc++.a
  OUTPUT_VARIABLE static_stdcxx OUTPUT_STRIP_TRAILING_WHITESPACE)
# The archives of these two save the search for shared libraries.
find_library(VSP_LIB_Z NAMES libz.a z)
find_library(VSP_LIB_ZSTD NAMES libzstd.a zstd)
if(NOT static_result EQUAL 0 OR NOT static_files)
  list(APPEND static_missing "LLVM's static libraries")
endif()
if(NOT IS_ABSOLUTE "${static_stdcxx}")
  list(APPEND static_missing libstdc++.a)
endif()
foreach(library VSP_LIB_Z VSP_LIB_ZSTD)
  if(NOT ${library})
    list(APPEND static_missing ${library})
  endif()
endforeach()
if(static_missing)
  list(GET static_missing 0 static_missing)
  if(VSP_LLVM_LINK STREQUAL "STATIC")
    message(FATAL_ERROR
      "VSP_LLVM_LINK is STATIC, but ${static_missing} is missing (Debian: apt install llvm-22-dev g++ zlib1g-dev libzstd-dev)")
  endif()
  message(STATUS "The JIT is linked with LLVM's shared library: ${static_missing} is missing")
  return()
endif()

set(VSP_LLVM_STATIC TRUE)
set(VSP_LLVM_STATIC_LIBS ${static_files} ${static_stdcxx} ${VSP_LIB_Z} ${VSP_LIB_ZSTD} dl rt)
set(VSP_LLVM_STATIC_OPTIONS)
# Only relative relocations remain at load time; their short form is requested from the linker where
# libc knows it. A flag is tried together with those before it, which choose the linker, and with
# warnings as errors, since linkers only warn of -z values they do not know.
foreach(flag -static-libgcc -fuse-ld=lld -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-z,pack-relative-relocs)
  string(MAKE_C_IDENTIFIER "VSP_LINKER${flag}" known)
  check_linker_flag(C "${VSP_LLVM_STATIC_OPTIONS};-Wl,--fatal-warnings;${flag}" ${known})
  if(${known})
    list(APPEND VSP_LLVM_STATIC_OPTIONS ${flag})
  endif()
endforeach()

# With the unwinder of gcc's library inside, no other library is needed later: a confined run loads
# this one file.
set(VSP_LLVM_ALONE FALSE)
if("-static-libgcc" IN_LIST VSP_LLVM_STATIC_OPTIONS AND VSP_LIB_Z MATCHES "[.]a$" AND VSP_LIB_ZSTD MATCHES "[.]a$")
  set(VSP_LLVM_ALONE TRUE)
endif()

# Can functions be laid out in the order of first use (tools/gen/order.c)? That tool runs the
# compiler while the project is built, and changes its code.
set(VSP_LLVM_ORDERED FALSE)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$"
  AND NOT CMAKE_CROSSCOMPILING AND VSP_PLATFORM STREQUAL "posix")
  include(CheckCSourceRuns)
  check_c_source_runs("
    #include <stdint.h>
    #include <sys/mman.h>
    int main(void) {
      return mprotect((void *)((uintptr_t)main & ~(uintptr_t)4095), 4096, PROT_READ | PROT_WRITE | PROT_EXEC) != 0; }"
    VSP_CODE_CHANGES)
  file(WRITE ${PROJECT_BINARY_DIR}/order-check.txt "main\n")
  check_linker_flag(C "${VSP_LLVM_STATIC_OPTIONS};-Wl,--symbol-ordering-file=${PROJECT_BINARY_DIR}/order-check.txt"
    VSP_LINKER_ORDERS)
  if(VSP_CODE_CHANGES AND VSP_LINKER_ORDERS)
    set(VSP_LLVM_ORDERED TRUE)
  endif()
endif()
if(NOT VSP_LLVM_ORDERED)
  message(STATUS
    "The compiler's functions stay in the order of LLVM's archives: a first compilation takes some 2 ms longer")
endif()
# Can blocks be laid out by execution counts (cmake/VspBolt.cmake)? BOLT 22 damages objects with
# relative relocations in their short form.
string(REGEX MATCH "^[0-9]+" bolt_major ${VSP_LLVM_VERSION})
execute_process(COMMAND ${VSP_LLVM_CONFIG} --bindir OUTPUT_VARIABLE bolt_folder OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(VSP_LLVM_BOLT_PROGRAM NAMES llvm-bolt-${bolt_major} llvm-bolt HINTS ${bolt_folder})
if(NOT VSP_LLVM_ORDERED)
  set(VSP_LLVM_NO_BOLT "its functions cannot be laid out in order")
elseif(NOT VSP_LLVM_BOLT_PROGRAM)
  set(VSP_LLVM_NO_BOLT "llvm-bolt is missing (Debian: apt install bolt-${bolt_major})")
elseif(NOT VSP_LLVM_BOLT STREQUAL "OFF")
  set(VSP_LLVM_BOLTED TRUE)
  list(REMOVE_ITEM VSP_LLVM_STATIC_OPTIONS -Wl,-z,pack-relative-relocs)
  list(APPEND VSP_LLVM_STATIC_OPTIONS -Wl,--emit-relocs)
endif()
# LLVM's archives hold remains of debugging information that valgrind 3.19 gives up on.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  list(APPEND VSP_LLVM_STATIC_OPTIONS -Wl,--strip-debug)
endif()
message(STATUS "The JIT has its parts of LLVM inside")
