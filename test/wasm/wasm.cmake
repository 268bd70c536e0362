# C programs of others through VSP: a sample of the GCC torture programs, and random ones of
# csmith; and random control flow of WebAssembly. docs/testing.md says how to run more of them. Each
# is skipped where its packages are missing.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(NOT VSP_SANITIZE)
  add_test(NAME wasm.torture COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/wasm/torture.py
    $<TARGET_FILE:vspc> --every=40 --runs=interp,2 --least=30)
  add_test(NAME wasm.csmith COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/wasm/csmith.py
    $<TARGET_FILE:vspc>)
  set(wasm_tests wasm.torture wasm.csmith)
  if(VSP_HAVE_LLVM)
    add_test(NAME wasm.torture.aot COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/wasm/torture.py
      $<TARGET_FILE:vspc> --every=80 --runs=aot --least=15)
    add_test(NAME wasm.csmith.aot COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/wasm/csmith.py
      $<TARGET_FILE:vspc> --count=5 --runs=aot)
    list(APPEND wasm_tests wasm.torture.aot wasm.csmith.aot)
    # ctest -C long: all of them, in all ways
    add_test(NAME wasm.torture.whole CONFIGURATIONS long COMMAND ${Python3_EXECUTABLE}
      ${CMAKE_CURRENT_SOURCE_DIR}/wasm/torture.py $<TARGET_FILE:vspc>)
    set_tests_properties(wasm.torture.whole PROPERTIES TIMEOUT 7200 SKIP_RETURN_CODE 77 PROCESSORS 2)
  endif()
  set_tests_properties(${wasm_tests} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 PROCESSORS 2)
  if(VSP_HAVE_LLVM)
    add_test(NAME wasm.control COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/wasm/control.py
      $<TARGET_FILE:vspc> --count=20)
    add_test(NAME wasm.values COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/wasm/values.py
      $<TARGET_FILE:vspc> --count=15)
    set_tests_properties(wasm.control wasm.values PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
  endif()
endif()
