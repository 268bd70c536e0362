# Mutants of every program that there is; seeds are fixed. By hand with --from and --count, see
# docs/testing.md.
file(GLOB mutant_originals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.sil
  ${PROJECT_SOURCE_DIR}/test/programs/*.sil)
add_executable(mutants ${CMAKE_CURRENT_LIST_DIR}/mutants.c support/mutate.c differential/compare.c differential/host.c
  differential/run_library.c)
target_link_libraries(mutants PRIVATE ${layers} vsp_options m ${CMAKE_DL_LIBS})
set(mutants_of_each 8)
set(wasm_mutants 1000)
if(VSP_SANITIZE OR VSP_HOSTILE)
  set(mutants_of_each 2)
  set(wasm_mutants 200)
endif()
add_test(NAME mutants COMMAND mutants --count ${mutants_of_each} ${mutant_originals})
set_tests_properties(mutants PROPERTIES TIMEOUT 300)

# Mutants of WebAssembly modules, some of them compiled ahead of time.
if(VSP_PLATFORM STREQUAL "posix")
  file(GLOB wasm_originals CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/wasm/*.wasm)
  add_executable(wasm_mutants ${CMAKE_CURRENT_LIST_DIR}/wasm_mutants.c support/mutate.c)
  target_link_libraries(wasm_mutants PRIVATE ${layers} vsp_options m ${CMAKE_DL_LIBS})
  set(wasm_mutants_aot "")
  if(VSP_HAVE_LLVM AND NOT VSP_SANITIZE AND NOT VSP_HOSTILE)
    set(wasm_mutants_aot --aot ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  add_test(NAME mutants.wasm COMMAND wasm_mutants --count ${wasm_mutants} ${wasm_mutants_aot} ${wasm_originals})
  set_tests_properties(mutants.wasm PROPERTIES TIMEOUT 300)
endif()
