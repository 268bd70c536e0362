# The WebAssembly specification's tests, where VSP_WASM_SPEC names their folder when they run
# (docs/testing.md).
set(spec_folder ${CMAKE_CURRENT_BINARY_DIR}/spec)
add_executable(spec_validate spec/spec_validate.c spec/spec_files.c spec/json.c)
target_link_libraries(spec_validate PRIVATE vsp_frontend vsp_ir vsp_runtime vsp_options m)
add_test(NAME spec.validate COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/spec/test_spec.sh ${CMAKE_CURRENT_SOURCE_DIR}/spec/validate.expected
  ${spec_folder} $<TARGET_FILE:spec_validate>)
set_tests_properties(spec.validate PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
