# Mutants of every program that there is; seeds are fixed. By hand with --from and --count, see docs/testing.md.
file(GLOB mutant_originals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.sil ${PROJECT_SOURCE_DIR}/test/programs/*.sil)
add_executable(mutants ${CMAKE_CURRENT_LIST_DIR}/mutants.c support/mutate.c differential/compare.c differential/host.c
  differential/run_library.c)
target_link_libraries(mutants PRIVATE ${layers} vsp_options m ${CMAKE_DL_LIBS})
set(mutants_of_each 8)
if(VSP_SANITIZE OR VSP_TESTS_REPEAT)
  set(mutants_of_each 2)
endif()
add_test(NAME mutants COMMAND mutants --count ${mutants_of_each} ${mutant_originals})
set_tests_properties(mutants PROPERTIES TIMEOUT 300)
