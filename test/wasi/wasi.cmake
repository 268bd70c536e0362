# Tests of the preset wasi: the programs under Node.js, in tier 0. CMocka needs setjmp, which
# wasi-libc has not, so there are no unit tests.
find_program(VSP_NODE NAMES node nodejs DOC "Node.js, for tests of WebAssembly")
if(NOT VSP_NODE)
  message(STATUS "No Node.js: nothing that is built for WebAssembly is tested")
  return()
endif()

set(folder ${PROJECT_SOURCE_DIR}/test/programs)
set(wasi ${VSP_NODE} --no-warnings ${PROJECT_SOURCE_DIR}/tools/wasi.mjs)
vsp_host_tool(run_programs ${folder}/run_programs.c)
add_custom_target(run_programs_here ALL DEPENDS ${run_programs_DEPENDS})

file(GLOB programs CONFIGURE_DEPENDS ${folder}/*.sil)
# There are no threads, so no time-outs, and no 3 GiB of memory.
list(FILTER programs EXCLUDE REGEX "/(trap_timeout|memory_displacement_high)[.]sil$")
file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.sil)
set(all_programs ${programs})
vsp_sample(programs 2) # Node.js starts slowly; programs.stepped starts once for all of them
function(vsp_add_program_tests name sets)
  foreach(set ${sets})
    set(work ${CMAKE_CURRENT_BINARY_DIR}/${set}.${name})
    file(MAKE_DIRECTORY ${work})
    add_test(NAME ${set}.${name} COMMAND ${run_programs_COMMAND} --vspc ${PROJECT_SOURCE_DIR}/tools/wasi.mjs --work
      ${work} ${ARGN} ${${set}})
    set_tests_properties(${set}.${name} PROPERTIES TIMEOUT 600 ENVIRONMENT VSP_WASI_PROGRAM=$<TARGET_FILE:vspc>)
  endforeach()
endfunction()
vsp_add_program_tests(interp "programs;examples" --flags "--tier=interp")
vsp_add_program_tests(round_trip examples --round-trip)

add_executable(step_programs ${folder}/step_programs.c)
target_link_libraries(step_programs PRIVATE vsp_static)
list(FILTER all_programs EXCLUDE REGEX "/error_[^/]*$")
add_test(NAME programs.stepped COMMAND ${wasi} $<TARGET_FILE:step_programs> ${all_programs} ${examples})

add_executable(example_host ${PROJECT_SOURCE_DIR}/examples/host.c)
target_link_libraries(example_host PRIVATE vsp_static)
add_test(NAME examples.host COMMAND ${wasi} $<TARGET_FILE:example_host> ${PROJECT_SOURCE_DIR}/examples/host.sil)
set_tests_properties(examples.host PROPERTIES PASS_REGULAR_EXPRESSION "energy of 10 samples: 285")
