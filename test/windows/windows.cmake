# More tests of the preset mingw, under Wine: more of the command line, a host with the DLL, the
# package, and that all skip without Wine. The other scripts in cli/ need POSIX's descriptors,
# names, links, devices, signals, limits or users, or a clang that runs on Windows.
foreach(name c_program dump run wasm)
  add_test(NAME cli.test_${name} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_${name}.sh ${vspc_here})
endforeach()
add_test(NAME cli.windows COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_command_line.sh ${vspc_here})

# Programs in baseline code, and without guard pages: a sample.
file(GLOB programs CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/programs/*.sil)
set(sample ${programs} ${examples})
vsp_sample(sample 4)
foreach(setting "baseline=--tier=baseline" "explicit=--tier=interp --bounds=explicit")
  string(REGEX MATCH "^([^=]+)=(.*)$" matched "${setting}")
  set(work ${CMAKE_CURRENT_BINARY_DIR}/programs.${CMAKE_MATCH_1})
  file(MAKE_DIRECTORY ${work})
  add_test(NAME programs.${CMAKE_MATCH_1} COMMAND ${run_programs_COMMAND} --vspc ${vspc_here} --work ${work} --flags
    "${CMAKE_MATCH_2}" ${sample})
endforeach()
list(FILTER programs EXCLUDE REGEX "/error_[^/]*$")

# A host that is linked with the DLL.
add_executable(example_dll ${PROJECT_SOURCE_DIR}/examples/host.c)
target_link_libraries(example_dll PRIVATE vsp)
set_target_properties(example_dll PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
add_test(NAME examples.dll COMMAND example_dll ${PROJECT_SOURCE_DIR}/examples/host.sil)
set_tests_properties(examples.dll PROPERTIES PASS_REGULAR_EXPRESSION "energy of 10 samples: 285")

add_executable(step_programs ${CMAKE_CURRENT_SOURCE_DIR}/programs/step_programs.c)
target_link_libraries(step_programs PRIVATE vsp_static)
add_test(NAME programs.stepped COMMAND step_programs ${programs} ${examples})

add_test(NAME install.zip COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_zip.sh ${PROJECT_BINARY_DIR})

# Wine makes its files once, before any test.
get_property(tests DIRECTORY PROPERTY TESTS)
set_tests_properties(${tests} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77 FIXTURES_REQUIRED wine
  ENVIRONMENT VSP_TEST_SYSTEM=windows)
add_test(NAME wine COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/start_wine.sh ${CMAKE_CROSSCOMPILING_EMULATOR})
set_tests_properties(wine PROPERTIES FIXTURES_SETUP wine SKIP_RETURN_CODE 77)
