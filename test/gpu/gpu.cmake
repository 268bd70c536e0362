# Device code of kernels, and devices: PoCL is an OpenCL device on the processor, and CUDA's driver is one of the tests' own.
if(VSP_HAVE_LLVM AND VSP_PLATFORM STREQUAL "posix" AND NOT VSP_SANITIZE AND NOT VSP_HOSTILE)
  add_executable(emit_items ${CMAKE_CURRENT_LIST_DIR}/emit_items.c)
  target_link_libraries(emit_items PRIVATE vsp_options ${CMAKE_DL_LIBS})
  add_test(NAME gpu.device_code COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_device_code.sh $<TARGET_FILE:vspc> $<TARGET_FILE:differential>
    $<TARGET_FILE:emit_items> $<TARGET_FILE:vsp_gpu> ${CMAKE_CURRENT_SOURCE_DIR}/programs 60)
  set_tests_properties(gpu.device_code PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  add_test(NAME gpu.opencl COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_opencl.sh $<TARGET_FILE:vspc> $<TARGET_FILE:differential>
    ${CMAKE_CURRENT_SOURCE_DIR}/programs 16)
  set_tests_properties(gpu.opencl PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
  add_test(NAME gpu.script COMMAND ${PROJECT_SOURCE_DIR}/tools/test_gpu.sh --quick ${PROJECT_BINARY_DIR})
  set_tests_properties(gpu.script PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()

if(VSP_PLATFORM STREQUAL "posix")
  add_library(fake_cuda SHARED ${CMAKE_CURRENT_LIST_DIR}/fake_cuda.c)
  set_target_properties(fake_cuda PROPERTIES OUTPUT_NAME cuda SUFFIX .so.1 LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fake)
  add_executable(test_cuda ${CMAKE_CURRENT_LIST_DIR}/test_cuda.c)
  target_link_libraries(test_cuda PRIVATE ${layers} PkgConfig::CMOCKA m ${CMAKE_DL_LIBS})
  add_dependencies(test_cuda fake_cuda)
  add_test(NAME gpu.cuda COMMAND test_cuda)
  set_tests_properties(gpu.cuda PROPERTIES ENVIRONMENT "LD_LIBRARY_PATH=${CMAKE_CURRENT_BINARY_DIR}/fake")
endif()
