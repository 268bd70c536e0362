# Which tests a configuration has, and how much of those that are sampled. docs/testing.md, "What
# each configuration adds", gives the reasons.
option(VSP_TEST_WHOLE "Tests run everything that they else take a sample of (for releases; takes hours)" OFF)

# The parts that a configuration would only repeat, by the first part of their tests' names.
set(VSP_TESTS_LEFT "")
if(VSP_SANITIZE MATCHES "thread") # which finds nothing where one thread runs
  set(VSP_TESTS_LEFT bench differential fuzz install mutants npu observe python spec wasm)
elseif(VSP_SANITIZE)
  set(VSP_TESTS_LEFT bench install python spec wasm)
elseif(VSP_COVERAGE) # where no other configuration's tests count
  set(VSP_TESTS_LEFT bench install python spec wasm)
elseif(VSP_HOSTILE)
  set(VSP_TESTS_LEFT bench install mpi npu python spec wasm)
elseif(NOT CMAKE_C_COMPILER_ID MATCHES "Clang") # compiled code is LLVM's, whoever compiled VSP
  set(VSP_TESTS_LEFT aot attack bench fuzz gpu install mpi mutants npu observe proof python spec wasm)
elseif(VSP_PLATFORM STREQUAL "portable")
  set(VSP_TESTS_LEFT bench fuzz spec)
endif()
# What is the same in all builds, and long: nowhere but where nothing is left.
set(VSP_TESTS_ALL OFF)
if(NOT VSP_TESTS_LEFT AND NOT CMAKE_CROSSCOMPILING)
  set(VSP_TESTS_ALL ON)
endif()

# vsp_has_tests(PART): sets PART_tests, which is true where the configuration has that part.
macro(vsp_has_tests part)
  set(${part}_tests ON)
  if("${part}" IN_LIST VSP_TESTS_LEFT)
    set(${part}_tests OFF)
  endif()
endmacro()

# Random and exhaustive unit tests take every VSP_TEST_EVERY-th of their cases: fewer where a case
# takes ten times as long, under sanitizers, an emulator, or without the system's memory mapping.
set(VSP_TEST_EVERY 1)
if(NOT VSP_TEST_WHOLE AND (VSP_SANITIZE OR CMAKE_CROSSCOMPILING OR VSP_PLATFORM STREQUAL "portable"))
  set(VSP_TEST_EVERY 10)
endif()

# vsp_sample(LIST N): leaves every N-th element of the list, or all of them when the whole is asked
# for.
function(vsp_sample list every)
  if(VSP_TEST_WHOLE)
    return()
  endif()
  set(vsp_sample_left) # no name that a list has
  set(n 0)
  foreach(element ${${list}})
    math(EXPR rest "${n} % ${every}")
    if(rest EQUAL 0)
      list(APPEND vsp_sample_left ${element})
    endif()
    math(EXPR n "${n} + 1")
  endforeach()
  set(${list} ${vsp_sample_left} PARENT_SCOPE)
endfunction()
