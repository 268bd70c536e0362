# Compiler flags of every target of the project. vsp_component(NAME source...) makes one layer an
# object library; libvsp is put together from them in tools/.

include(CheckCCompilerFlag)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
if(NOT VSP_PLATFORM STREQUAL "wasi") # where it is another ABI, for shared objects
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Static programs have no loader, which could move them or open shared objects: they are linked at
# fixed addresses (-pie beside -static makes programs that crash), and there is no shared libvsp.
set(VSP_STATIC OFF)
if(CMAKE_EXE_LINKER_FLAGS MATCHES "-static( |$)")
  set(VSP_STATIC ON)
endif()

add_library(vsp_options INTERFACE)
target_include_directories(vsp_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include
  ${PROJECT_BINARY_DIR})
# On 32-bit machines files, and their numbers in folders, have 64 bits as well.
target_compile_definitions(vsp_options INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64 VSP_VERSION="${PROJECT_VERSION}")
# Contraction would change float results between compilers; strict aliasing stays on.
target_compile_options(vsp_options INTERFACE -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
  -ffp-contract=off -fno-math-errno)
if(VSP_WERROR)
  target_compile_options(vsp_options INTERFACE -Werror)
endif()
if(VSP_PLATFORM STREQUAL "wasi") # its library has signal.h only so
  target_compile_definitions(vsp_options INTERFACE _WASI_EMULATED_SIGNAL)
  # Memory for two instances at once: V8 of Node.js 20 now and then crashes when memory grows.
  target_link_options(vsp_options INTERFACE -lwasi-emulated-signal -Wl,--stack-first -Wl,-z,stack-size=1048576
    -Wl,--initial-memory=67108864)
endif()
if(VSP_PLATFORM STREQUAL "windows") # where nothing is exported, unless its declaration says so
  target_compile_definitions(vsp_options INTERFACE VSP_BUILDS_DLL)
endif()
if(VSP_SANITIZE)
  target_compile_options(vsp_options INTERFACE -fsanitize=${VSP_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(vsp_options INTERFACE -fsanitize=${VSP_SANITIZE})
  # Half a million descriptions of checks have addresses, which each start of a program that is
  # placed at random would compute: a tenth of its time, and a quarter of the file.
  if(VSP_SANITIZE MATCHES "undefined" AND CMAKE_SYSTEM_NAME STREQUAL "Linux")
    target_link_options(vsp_options INTERFACE $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  endif()
  # The check of indirect calls reads a word in front of the callee, which compiled bytecode does
  # not have.
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
if(VSP_COVERAGE)
  # Counters are atomic, since threads run the same code, and in files all the time, since processes
  # of tests end by signals and by _exit; tools/coverage.sh merges them.
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "VSP_COVERAGE needs clang: configure with -DCMAKE_C_COMPILER=clang-22")
  endif()
  target_compile_options(vsp_options INTERFACE -fprofile-instr-generate -fcoverage-mapping -fprofile-update=atomic
    -fprofile-continuous)
  target_link_options(vsp_options INTERFACE -fprofile-instr-generate -fprofile-continuous)
endif()

# Hardening (docs/security.md, "Hardened builds"): canaries and probes on the machine's stack,
# checked forms of libc's functions, marks for processors that check the targets of indirect jumps
# and returns, and relocated data made read-only. Sanitizers have their own checks.
option(VSP_HARDEN "Compile and link with what makes faults harder to exploit" ON)
set(VSP_HARDENED OFF)
if(VSP_HARDEN AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT VSP_SANITIZE AND NOT VSP_FUZZ)
  set(VSP_HARDENED ON)
  include(CheckLinkerFlag)
  # Not full: runs are left over the frames of compiled code, which a shadow stack of return
  # addresses does not allow.
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=branch -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "VSP_HAS${flag}" known)
    check_c_compiler_flag(-Werror\ ${flag} ${known})
    if(${known})
      target_compile_options(vsp_options INTERFACE ${flag})
    endif()
  endforeach()
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug") # it needs an optimiser
    target_compile_options(vsp_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
    string(MAKE_C_IDENTIFIER "VSP_LINKER${flag}" known)
    check_linker_flag(C ${flag} ${known})
    if(${known})
      target_link_options(vsp_options INTERFACE ${flag})
    endif()
  endforeach()
endif()

function(vsp_component name)
  add_library(${name} OBJECT ${ARGN})
  target_link_libraries(${name} PUBLIC vsp_options)
endfunction()
