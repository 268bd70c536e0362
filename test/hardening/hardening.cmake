# How hard the binaries of an optimised build are to exploit (docs/security.md, "Hardened builds").
find_program(VSP_READELF NAMES readelf DOC "readelf of GNU binutils, for tests")
if(VSP_HARDENED AND VSP_READELF AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CMAKE_CROSSCOMPILING)
  set(compiling)
  if(VSP_HAVE_LLVM AND NOT VSP_HOSTILE AND VSP_PLATFORM STREQUAL "posix")
    set(compiling $<TARGET_FILE:vspc>)
  endif()
  add_test(NAME attack.hardening COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/hardening/check_binaries.sh ${VSP_READELF}
    ${PROJECT_BINARY_DIR} ${compiling})
  set_tests_properties(attack.hardening PROPERTIES TIMEOUT 120)
endif()
