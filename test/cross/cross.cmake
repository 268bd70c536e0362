# Tests of a build for another machine (cmake/toolchains/): unit tests, programs and the command
# line in its emulator, and that files, profiles and results are those of the build machine.
set(run_here ${CMAKE_CROSSCOMPILING_EMULATOR})
vsp_host_tool(run_programs ${CMAKE_CURRENT_SOURCE_DIR}/programs/run_programs.c)
add_custom_target(run_programs_here ALL DEPENDS ${run_programs_DEPENDS})

# vspc as a command of the build machine.
set(vspc_here ${PROJECT_BINARY_DIR}/here/vspc)
list(JOIN run_here " " emulator)
file(GENERATE OUTPUT ${vspc_here} CONTENT "#!/bin/sh\nexec ${emulator} $<TARGET_FILE:vspc> \"$@\"\n"
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/programs/*.sil)
file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.sil)
file(GLOB translated CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/wasm/*.wasm)
if(CMAKE_SIZEOF_VOID_P EQUAL 4) # 3 GiB of memory
  list(FILTER programs EXCLUDE REGEX "/memory_displacement_high[.]sil$")
endif()
# In tier 0, and in baseline code where there is some; the table of stencils is this machine's own.
set(tiers interp)
if(VSP_STENCILS AND NOT WIN32)
  list(APPEND tiers baseline)
endif()
foreach(set programs examples)
  foreach(tier ${tiers})
    file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/${set}.${tier})
    add_test(NAME ${set}.${tier} COMMAND ${run_programs_COMMAND} --vspc ${vspc_here} --work
      ${CMAKE_CURRENT_BINARY_DIR}/${set}.${tier}
      --flags "--tier=${tier}" ${${set}})
    set_tests_properties(${set}.${tier} PROPERTIES TIMEOUT 600)
  endforeach()
endforeach()
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/examples.round_trip)
add_test(NAME examples.round_trip COMMAND ${run_programs_COMMAND} --vspc ${vspc_here} --work
  ${CMAKE_CURRENT_BINARY_DIR}/examples.round_trip
  --round-trip ${examples})

list(FILTER programs EXCLUDE REGEX "/error_[^/]*$")
add_executable(example_host ${PROJECT_SOURCE_DIR}/examples/host.c)
target_link_libraries(example_host PRIVATE vsp_static)
add_test(NAME examples.host COMMAND example_host ${PROJECT_SOURCE_DIR}/examples/host.sil)
set_tests_properties(examples.host PROPERTIES PASS_REGULAR_EXPRESSION "energy of 10 samples: 285")

# The command line, as far as no time is shorter than the start of the emulator.
set(scripts options tier files)
if(NOT run_here) # another C library alone: all that needs no compiler
  list(APPEND scripts c_program closed_streams dump include overwrite run sandbox shown_text wasi wasm)
endif()
foreach(name ${scripts})
  add_test(NAME cli.test_${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${name}.sh ${vspc_here})
  set_tests_properties(cli.test_${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()

if(VSP_STATIC)
  add_test(NAME cli.static COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_static.sh ${vspc_here} $<TARGET_FILE:vspc>)
endif()

# Random programs, in baseline code and, by hand, where there is a compiler (tools/test_aarch64.sh).
if(VSP_HAVE_LLVM OR "baseline" IN_LIST tiers)
  file(GLOB differential_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/differential/*.c)
  list(FILTER differential_sources EXCLUDE REGEX "/run_aot_none[.]c$")
  add_executable(differential ${differential_sources})
  target_link_libraries(differential PRIVATE ${layers} vsp_options m ${CMAKE_DL_LIBS})
endif()
if(VSP_HAVE_LLVM) # likewise
  add_executable(tier_programs programs/tier_programs.c)
  target_link_libraries(tier_programs PRIVATE vsp_static)
endif()
if("baseline" IN_LIST tiers)
  foreach(size 40 320)
    math(EXPR from "5000000 + ${size}")
    add_test(NAME differential.baseline.${size} COMMAND differential --from ${from} --count 60 --size ${size} --wild
      ${size} --only baseline)
    set_tests_properties(differential.baseline.${size} PROPERTIES TIMEOUT 600)
  endforeach()
endif()

# The build machine's programs to compare with.
set(native ${PROJECT_SOURCE_DIR}/build/release)
if(NOT EXISTS ${native}/test/results AND EXISTS ${PROJECT_SOURCE_DIR}/build/dev/test/results)
  set(native ${PROJECT_SOURCE_DIR}/build/dev)
endif()
set(VSP_NATIVE_BUILD ${native} CACHE PATH
  "A build of these sources for the build machine, with tests, whose results must be the same here")
add_test(NAME cross.identical COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_identical.sh ${VSP_NATIVE_BUILD}/test/results
  ${run_here} $<TARGET_FILE:results> -- ${programs} ${examples} ${translated})
set_tests_properties(cross.identical PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
add_test(NAME cross.forms COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/forms/test_forms.sh ${vspc_here}
  ${VSP_NATIVE_BUILD}/test/forms)
set(forms_tiers)
if(VSP_STENCILS)
  set(forms_tiers baseline)
endif()
set_tests_properties(cross.forms PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77
  ENVIRONMENT "VSP_TEST_NATIVE=${VSP_NATIVE_BUILD}/bin/vspc;VSP_TEST_TIERS=${forms_tiers}")
