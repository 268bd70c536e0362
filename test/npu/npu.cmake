# Models, with ONNX Runtime where ./setup npu has put it; the models are made by python3-onnx.
find_program(VSP_SYSTEM_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH DOC "the Python for which the system has packages")
if(VSP_SYSTEM_PYTHON AND VSP_PLATFORM STREQUAL "posix" AND NOT VSP_SANITIZE)
  # A prototype passed 850.
  add_test(NAME npu.node_tests COMMAND ${VSP_SYSTEM_PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/npu/node_tests.py $<TARGET_FILE:vsp> 850)
  add_test(NAME npu.models COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/npu/test_models.sh $<TARGET_FILE:vspc> ${VSP_SYSTEM_PYTHON})
  set_tests_properties(npu.node_tests npu.models PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()
