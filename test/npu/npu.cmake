# Models, with ONNX Runtime where ./setup npu has put it; the models are made by python3-onnx.
find_program(VSP_SYSTEM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH
  DOC "the Python for which the system has packages")
if(VSP_SYSTEM_PYTHON AND VSP_PLATFORM STREQUAL "posix" AND NOT VSP_SANITIZE)
  # A prototype passed 850.
  add_test(NAME npu.node_tests COMMAND ${VSP_SYSTEM_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/npu/node_tests.py
    $<TARGET_FILE:vsp> 850)
  add_test(NAME npu.models COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/npu/test_models.sh $<TARGET_FILE:vspc>
    ${VSP_SYSTEM_PYTHON})
  set_tests_properties(npu.node_tests npu.models PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()

# The provider on a library that is the test's own, each of whose calls may fail.
if(VSP_PLATFORM STREQUAL "posix")
  add_library(fake_ort SHARED ${CMAKE_CURRENT_LIST_DIR}/fake_ort.c)
  target_link_libraries(fake_ort PRIVATE vsp_options)
  set_target_properties(fake_ort PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fake)
  add_executable(test_ort ${CMAKE_CURRENT_LIST_DIR}/test_ort.c)
  target_link_libraries(test_ort PRIVATE ${layers} vsp_cmocka m ${CMAKE_DL_LIBS})
  add_dependencies(test_ort fake_ort)
  add_test(NAME npu.fake COMMAND test_ort)
  set_tests_properties(npu.fake PROPERTIES ENVIRONMENT "VSP_ONNXRUNTIME=$<TARGET_FILE:fake_ort>")
endif()
