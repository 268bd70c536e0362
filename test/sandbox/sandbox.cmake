# The remaining abilities of a confined process (runtime/platform/confine_calls.def).
if(VSP_CONFINES)
  find_package(Threads REQUIRED)
  add_executable(try_calls sandbox/try_calls.c)
  target_link_libraries(try_calls PRIVATE vsp_options vsp_runtime m Threads::Threads ${CMAKE_DL_LIBS})
  add_test(NAME attack.sandbox COMMAND try_calls)
  set_tests_properties(attack.sandbox PROPERTIES TIMEOUT 60 SKIP_RETURN_CODE 77)
endif()
