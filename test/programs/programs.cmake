# Every program of test/programs and examples, once per tier setting and once through disassembly.
# VSP_TEST_SETTINGS is a list of NAME=FLAGS; each is compared with the interpreter.
set(sanitized "eager.async=--tier1-threshold=1 --tier2-threshold=2") # through baseline code
if(NOT VSP_HAVE_LLVM)
  set(sanitized "baseline=--tier=baseline")
endif()
if(VSP_SANITIZE MATCHES "thread")
  set(tiers "${sanitized}")
elseif(VSP_SANITIZE) # compiled code is not instrumented, and each process pays for the sanitizer's start
  set(tiers "interp=--tier=interp" "${sanitized}")
else()
  set(tiers "interp=--tier=interp" "baseline=--tier=baseline" "baseline.explicit=--tier=baseline --bounds=explicit")
endif()
if(VSP_HAVE_LLVM AND NOT VSP_SANITIZE)
  list(APPEND tiers "1=--tier=1 --sync-compile" "1.explicit=--tier=1 --sync-compile --bounds=explicit"
    "1.async=--tier=1"
    "2=--tier=2 --sync-compile" "2.explicit=--tier=2 --sync-compile --bounds=explicit" "2.async=--tier=2"
    "2.precise=--tier=2 --sync-compile --precise-traps"
    "auto=--tier=auto" "auto.sync=--tier=auto --sync-compile"
    "at_once=--tier1-threshold=0 --tier2-threshold=0 --sync-compile"
    "at_once.async=--tier1-threshold=0 --tier2-threshold=0"
    "eager=--tier1-threshold=1 --tier2-threshold=2 --sync-compile"
    "eager.async=--tier1-threshold=1 --tier2-threshold=2")
endif()
set(VSP_TEST_SETTINGS "" CACHE STRING "Settings the test programs run in, instead of all: name=flags;...")
if(VSP_TEST_SETTINGS)
  set(tiers "${VSP_TEST_SETTINGS}")
endif()

if(TARGET vspc)
  add_executable(run_programs ${CMAKE_CURRENT_LIST_DIR}/run_programs.c)
  target_link_libraries(run_programs PRIVATE vsp_options)
  file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.sil)
  if(VSP_PLATFORM STREQUAL "portable") # C11 alone has no threads, so no time-outs
    list(FILTER programs EXCLUDE REGEX "/trap_timeout[.]sil$")
  endif()
  file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.sil)

  if(VSP_SANITIZE) # which checks each byte of its 3 GiB of memory, for minutes
    list(FILTER programs EXCLUDE REGEX "/memory_displacement_high[.]sil$")
  endif()
  if(VSP_SANITIZE MATCHES "thread")
    vsp_sample(programs 3)
  endif()
  function(vsp_add_program_tests name)
    foreach(set programs examples)
      file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${set}.${name})
      add_test(NAME ${set}.${name} COMMAND run_programs --vspc $<TARGET_FILE:vspc> --work
        ${CMAKE_CURRENT_BINARY_DIR}/${set}.${name} ${ARGN} ${${set}})
      set_tests_properties(${set}.${name} PROPERTIES TIMEOUT 600)
    endforeach()
  endfunction()

  foreach(setting ${tiers})
    string(REGEX MATCH "^([^=]+)=(.*)$" matched "${setting}")
    vsp_add_program_tests(${CMAKE_MATCH_1} --flags "${CMAKE_MATCH_2}" --reference "--tier=interp")
  endforeach()
  if(NOT VSP_SANITIZE AND NOT VSP_HOSTILE) # unit.test_roundtrip has files for these
    vsp_add_program_tests(round_trip --round-trip)
  endif()
  if(VSP_TESTS_ALL) # it is the tests' own program, which is the same in all
    add_test(NAME programs.test_itself COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_itself.sh $<TARGET_FILE:run_programs>
      ${programs} ${examples})
    set_tests_properties(programs.test_itself PROPERTIES TIMEOUT 300)
  endif()

  list(FILTER programs EXCLUDE REGEX "/error_[^/]*$")
  if(NOT VSP_SANITIZE MATCHES "thread")
    add_executable(step_programs ${CMAKE_CURRENT_LIST_DIR}/step_programs.c)
    target_link_libraries(step_programs PRIVATE vsp_static)
    add_test(NAME programs.stepped COMMAND step_programs ${programs} ${examples})
  endif()

  # Compiled code on another machine, in its emulator, by the test script of that machine; and the
  # same here, since it is quick.
  set(spread)
  foreach(name batch_vmap bytesil_multiply control_branch_signed control_brtab control_call_recursive
    control_flags_jumps control_loop
      control_yield convert_float_integer data_indexed_wraps data_loads_and_stores data_stack float_fused float_min_max
      float_rounding float_single
      integer_add_flags integer_divide_signs integer_high_products integer_pow integer_rotates invoke_fib
      invoke_indirect invoke_table
      layers_bitwise memory_grow mode_averages slots_in_loops syscall_print trap_div_by_zero trap_end_of_memory
      trap_in_callee_names_line)
    list(APPEND spread ${CMAKE_CURRENT_LIST_DIR}/${name}.sil)
  endforeach()
  if(VSP_HAVE_LLVM AND NOT VSP_SANITIZE AND NOT VSP_HOSTILE)
    add_executable(tier_programs ${CMAKE_CURRENT_LIST_DIR}/tier_programs.c)
    target_link_libraries(tier_programs PRIVATE vsp_static)
    add_test(NAME programs.tiers COMMAND tier_programs ${spread})
    set_tests_properties(programs.tiers PROPERTIES TIMEOUT 600)
  endif()

  # It builds the compiler for that machine, with the packages that it has fetched. What is left out
  # compiles to instructions that others have too.
  if(NOT VSP_TEST_WHOLE)
    list(FILTER spread EXCLUDE REGEX
      "/(control_(branch_signed|flags_jumps|yield)|integer_(add_flags|divide_signs|high_products|rotates)|layers_bitwise|mode_averages|syscall_print)[.]sil$")
  endif()
  if(VSP_HAVE_LLVM AND VSP_PLATFORM STREQUAL "posix" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT VSP_SANITIZE
    AND NOT VSP_HOSTILE
      AND CMAKE_C_COMPILER_ID MATCHES "Clang")
    add_test(NAME programs.aarch64 COMMAND sh ${PROJECT_SOURCE_DIR}/tools/test_aarch64.sh --quick ${spread})
    set_tests_properties(programs.aarch64 PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77 LABELS aarch64)
  endif()

  if(VSP_SANITIZE MATCHES "thread") # which LLVM is so slow under that it still compiles when they end (D104)
    return()
  endif()
  add_executable(example_host ${PROJECT_SOURCE_DIR}/examples/host.c)
  target_link_libraries(example_host PRIVATE vsp_static)
  add_test(NAME examples.host COMMAND example_host ${PROJECT_SOURCE_DIR}/examples/host.sil)
  set_tests_properties(examples.host PROPERTIES PASS_REGULAR_EXPRESSION "energy of 10 samples: 285")
  # Squares, and that no request finds another one's count.
  add_executable(example_requests ${PROJECT_SOURCE_DIR}/examples/hosts/requests.c)
  target_link_libraries(example_requests PRIVATE vsp_static)
  add_test(NAME examples.requests COMMAND example_requests ${PROJECT_SOURCE_DIR}/examples/hosts/requests.sil)
  set_tests_properties(examples.requests PROPERTIES PASS_REGULAR_EXPRESSION
    "log: 10 -> 100\n10: 100, asked 1 time\n.*40: 1600, asked 1 time\nlog: 50 -> 2500\n50: 2500, asked 1 time")
  # 180 is what a few lines of Python compute of the ramp.
  add_executable(example_provider ${PROJECT_SOURCE_DIR}/examples/hosts/provider.c)
  target_link_libraries(example_provider PRIVATE vsp_static)
  add_test(NAME examples.provider COMMAND example_provider ${PROJECT_SOURCE_DIR}/examples/hosts/provider.sil)
  set_tests_properties(examples.provider PROPERTIES PASS_REGULAR_EXPRESSION
    "without the processor: 180\nwith the processor: 180\n  cpu: LAUNCH 1, VMAP 0, VRED 1\n(.*\n)?  dsp: LAUNCH 1, VMAP 1, VRED 0; no firmware for square\nit smoothed 1000 samples and combined 4000 bytes")
endif()
