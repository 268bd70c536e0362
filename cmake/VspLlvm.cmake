# LLVM, when it is there and wanted: sets VSP_HAVE_LLVM and the target vsp_llvm with its headers and
# library. Everything that uses it is in components of its own, so that the core builds and runs
# without.
include(CheckLinkerFlag)
set(VSP_LLVM "AUTO" CACHE STRING "Build the compiler on LLVM: AUTO, ON or OFF")
set_property(CACHE VSP_LLVM PROPERTY STRINGS AUTO ON OFF)
set(VSP_HAVE_LLVM FALSE)
if(VSP_LLVM STREQUAL "OFF")
  return()
endif()

find_program(VSP_LLVM_CONFIG NAMES llvm-config-22 llvm-config-21 llvm-config-20 llvm-config-19)
if(NOT VSP_LLVM_CONFIG)
  if(VSP_LLVM STREQUAL "ON")
    message(FATAL_ERROR
      "VSP_LLVM is ON, but there is no llvm-config from version 19 to 22 (Debian: apt install llvm-22-dev)")
  endif()
  message(STATUS "No LLVM: programs run in tier 0 only")
  return()
endif()

function(vsp_llvm_config variable)
  execute_process(COMMAND ${VSP_LLVM_CONFIG} ${ARGN} OUTPUT_VARIABLE out OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${out}" PARENT_SCOPE)
endfunction()
vsp_llvm_config(VSP_LLVM_VERSION --version)
vsp_llvm_config(llvm_include --includedir)
vsp_llvm_config(llvm_libdir --libdir)
vsp_llvm_config(llvm_libs --libs --link-shared)
separate_arguments(llvm_libs)
message(STATUS "LLVM ${VSP_LLVM_VERSION}")

# vsp_llvm_headers: to compile with. vsp_llvm: LLVM's shared library, with all its targets.
# vsp_llvm_jit: the libraries that the JIT links with.
add_library(vsp_llvm_headers INTERFACE)
target_include_directories(vsp_llvm_headers SYSTEM INTERFACE ${llvm_include})
add_library(vsp_llvm INTERFACE)
target_link_directories(vsp_llvm INTERFACE ${llvm_libdir})
target_link_libraries(vsp_llvm INTERFACE vsp_llvm_headers ${llvm_libs})

# The JIT loads faster when it contains just the parts of LLVM that it needs: the shared library has
# 150 MB, all targets, and tens of thousands of symbols to resolve (docs/experiments.md, "Start of
# the compiler").
set(VSP_LLVM_LINK "AUTO" CACHE STRING
  "How the JIT is linked with LLVM: STATIC, SHARED, or AUTO (static where it can be, but for sanitizers)")
set_property(CACHE VSP_LLVM_LINK PROPERTY STRINGS AUTO STATIC SHARED)
set(VSP_LLVM_BOLT "OFF" CACHE STRING "Is the JIT laid out anew by llvm-bolt: ON, OFF, or AUTO (where it can be)")
set_property(CACHE VSP_LLVM_BOLT PROPERTY STRINGS AUTO ON OFF)
include(VspLlvmStatic)
if(VSP_LLVM_BOLT STREQUAL "ON" AND NOT VSP_LLVM_BOLTED)
  message(FATAL_ERROR "VSP_LLVM_BOLT is ON, but the JIT cannot be laid out by llvm-bolt: ${VSP_LLVM_NO_BOLT}")
elseif(NOT VSP_LLVM_BOLTED AND NOT VSP_LLVM_BOLT STREQUAL "OFF")
  message(STATUS
    "The JIT's code stays as it was linked, and compiles a fifth slower than after llvm-bolt: ${VSP_LLVM_NO_BOLT}")
endif()
# An undefined symbol is an error when the compiler's objects are linked, not when they are opened;
# sanitizers leave their symbols to the program.
if(NOT VSP_SANITIZE AND NOT VSP_FUZZ)
  check_linker_flag(C -Wl,-z,defs VSP_LINKER_DEFS)
  if(VSP_LINKER_DEFS)
    set(VSP_LINK_COMPLETE -Wl,-z,defs)
  endif()
endif()
add_library(vsp_llvm_jit INTERFACE)
if(VSP_LLVM_STATIC)
  target_link_libraries(vsp_llvm_jit INTERFACE vsp_llvm_headers ${VSP_LLVM_STATIC_LIBS})
  target_link_options(vsp_llvm_jit INTERFACE ${VSP_LLVM_STATIC_OPTIONS})
else()
  target_link_libraries(vsp_llvm_jit INTERFACE vsp_llvm)
endif()
set(VSP_HAVE_LLVM TRUE)
