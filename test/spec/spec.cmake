# The WebAssembly specification's tests, where VSP_WASM_SPEC names their folder when they run
# (docs/testing.md).
set(spec_folder ${CMAKE_CURRENT_BINARY_DIR}/spec)
add_executable(spec_validate spec/spec_validate.c spec/spec_files.c spec/json.c)
target_link_libraries(spec_validate PRIVATE vsp_frontend vsp_ir vsp_runtime vsp_options m)
add_test(NAME spec.validate COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/spec/test_spec.sh
  ${CMAKE_CURRENT_SOURCE_DIR}/spec/validate.expected
  ${spec_folder} $<TARGET_FILE:spec_validate>)
set_tests_properties(spec.validate PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)

# And what the translator makes of them, in every tier and with both kinds of bounds.
add_executable(spec_run spec/spec_run.c spec/spec_aot.c spec/spec_link.c spec/spec_globals.c spec/spec_text.c
  spec/spec_files.c spec/spec_values.c spec/json.c)
target_link_libraries(spec_run PRIVATE ${layers} vsp_options m ${CMAKE_DL_LIBS})
set(spec_tiers interp)
if(VSP_HAVE_LLVM)
  list(APPEND spec_tiers 1 2 aot)
endif()
foreach(tier ${spec_tiers})
  foreach(bounds guard explicit)
    add_test(NAME spec.${tier}.${bounds} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/spec/test_spec.sh
      ${CMAKE_CURRENT_SOURCE_DIR}/spec/run.expected
      ${spec_folder} $<TARGET_FILE:spec_run> ${tier} ${bounds})
    set_tests_properties(spec.${tier}.${bounds} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
  endforeach()
endforeach()
# by way of text, where no tier or bounds differ
add_test(NAME spec.text COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/spec/test_spec.sh
  ${CMAKE_CURRENT_SOURCE_DIR}/spec/run.expected ${spec_folder}
  $<TARGET_FILE:spec_run> text guard)
set_tests_properties(spec.text PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
if(VSP_HAVE_LLVM)
  # Some 1,100 shared objects, each linked by a C compiler and never unloaded; glibc keeps room for
  # the thread-local storage of about 100.
  set_tests_properties(spec.aot.guard spec.aot.explicit PROPERTIES TIMEOUT 1800
    ENVIRONMENT "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=100000")
endif()
