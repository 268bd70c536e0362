# Checks of a build for macOS (cmake/toolchains/macos.cmake), which cannot run here.
add_test(NAME apple.hosts COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_hosts.sh ${CMAKE_SYSTEM_PROCESSOR}
  $<TARGET_FILE:vspc> $<TARGET_FILE:vsp> $<TARGET_FILE:vsp_static>)
set_tests_properties(apple.hosts PROPERTIES SKIP_RETURN_CODE 77)
