# vsp_host_tool(NAME source...): a generator that runs while the project is built. In a cross build
# it is compiled by a compiler of the build machine (VSP_HOST_CC) instead of the target's. Sets
# NAME_COMMAND (for COMMAND) and NAME_DEPENDS in the caller's scope.
function(vsp_host_tool name)
  if(NOT CMAKE_CROSSCOMPILING)
    add_executable(${name} ${ARGN})
    target_compile_options(${name} PRIVATE -O2 -Wall -Wextra)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    set(${name}_COMMAND ${name} PARENT_SCOPE)
    set(${name}_DEPENDS ${name} PARENT_SCOPE)
    return()
  endif()
  find_program(VSP_HOST_CC NAMES cc clang gcc NO_CMAKE_FIND_ROOT_PATH REQUIRED
    DOC "C compiler of the build machine, for generators")
  set(program ${CMAKE_CURRENT_BINARY_DIR}/${name}${CMAKE_HOST_EXECUTABLE_SUFFIX})
  add_custom_command(OUTPUT ${program}
    COMMAND ${VSP_HOST_CC} -std=c11 -O2 -I${PROJECT_SOURCE_DIR} -o ${program} ${ARGN}
    DEPENDS ${ARGN} VERBATIM)
  set(${name}_COMMAND ${program} PARENT_SCOPE)
  set(${name}_DEPENDS ${program} PARENT_SCOPE)
endfunction()
