# What compiled code shows to tools: traces, perf's files, gdb. Each script runs vspc and checks with python or the tool itself.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB observe_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/observe/test_*.sh)
foreach(script ${observe_tests})
  get_filename_component(name ${script} NAME_WE)
  add_test(NAME observe.${name} COMMAND sh ${script} $<TARGET_FILE:vspc>)
  set_tests_properties(observe.${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "PYTHON=${Python3_EXECUTABLE}")
endforeach()
