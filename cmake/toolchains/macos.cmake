# Building for macOS with clang 22 and lld, without its SDK: against the project's own declarations
# of the system (aot/apple), and a libSystem that has the names of these declarations and no
# contents. What is built is checked (test/apple/) and runs on no machine here. The files beside
# this one set VSP_MACOS_CPU and include it.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_VERSION 20)
set(CMAKE_SYSTEM_PROCESSOR ${VSP_MACOS_CPU})
set(CMAKE_C_COMPILER clang-22)
set(CMAKE_C_COMPILER_TARGET ${VSP_MACOS_CPU}-apple-macosx11.0)
foreach(tool AR RANLIB NM STRIP INSTALL_NAME_TOOL)
  string(TOLOWER ${tool} name)
  string(REPLACE "_" "-" name ${name})
  set(CMAKE_${tool} /usr/lib/llvm-22/bin/llvm-${name})
endforeach()

get_filename_component(root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
get_filename_component(root ${root} DIRECTORY)
set(declarations ${root}/aot/apple)
set(CMAKE_OSX_SYSROOT ${root}/build/macos-sdk)
set(CMAKE_OSX_DEPLOYMENT_TARGET 11.0)
set(CMAKE_INSTALL_NAME_DIR @rpath) # hosts say where the library is
set(CMAKE_BUILD_WITH_INSTALL_NAME_DIR ON)
execute_process(COMMAND sh ${root}/tools/macos_sdk.sh ${declarations} ${CMAKE_OSX_SYSROOT} RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "tools/macos_sdk.sh could not write ${CMAKE_OSX_SYSROOT}")
endif()
set(CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem ${declarations}")
set(CMAKE_EXE_LINKER_FLAGS_INIT -fuse-ld=lld)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -fuse-ld=lld)
set(CMAKE_MODULE_LINKER_FLAGS_INIT -fuse-ld=lld)
