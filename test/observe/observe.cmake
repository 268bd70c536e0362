# Information about compiled code for tools: traces, perf's files, gdb. Each script runs vspc and
# checks with python or the tool itself.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB observe_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/observe/test_*.sh)
if(VSP_HOSTILE) # whose limits leave most functions of a C library in tier 1
  list(FILTER observe_tests EXCLUDE REGEX "/test_(gdb_c|c_names)[.]sh$")
endif()
find_program(VSP_GDB gdb DOC "gdb, to test that it sees compiled code")
foreach(script ${observe_tests})
  get_filename_component(name ${script} NAME_WE)
  # Sanitizers report leaks by tracing the process, which a debugger does already.
  if(name MATCHES "^test_gdb" AND (NOT VSP_GDB OR VSP_SANITIZE))
    message(STATUS "Not tested under gdb: it is missing, or sanitizers are in its way")
    continue()
  endif()
  add_test(NAME observe.${name} COMMAND sh ${script} $<TARGET_FILE:vspc>)
  set_tests_properties(observe.${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHON=${Python3_EXECUTABLE};GDB=${VSP_GDB};VSP_TEST_TINY_LIMITS=$<$<BOOL:${VSP_HOSTILE}>:1>")
endforeach()
