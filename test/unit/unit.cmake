# Every test/unit/test_*.c is one CMocka program and one ctest, linked with all layers. Debian has
# CMocka for the build machine; other machines and C libraries do with support/cmocka/.
if(CMAKE_CROSSCOMPILING)
  add_library(vsp_cmocka STATIC support/cmocka/cmocka.c)
  target_include_directories(vsp_cmocka INTERFACE support/cmocka)
  target_link_libraries(vsp_cmocka PRIVATE vsp_options)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
  add_library(vsp_cmocka INTERFACE)
  target_link_libraries(vsp_cmocka INTERFACE PkgConfig::CMOCKA)
endif()

# Shared by tests.
add_library(test_support OBJECT support/silc_builder.c)
target_link_libraries(test_support PRIVATE vsp_options)

# The names of the cases in test/errors, for test_asm_errors.
file(GLOB error_cases CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/errors
  ${CMAKE_CURRENT_SOURCE_DIR}/errors/*.sil)
set(error_names "")
foreach(case ${error_cases})
  get_filename_component(case ${case} NAME_WE)
  string(APPEND error_names "\t\"${case}\",\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/asm_error_names.h CONTENT
  "static const char *const names[] = {\n${error_names}};\n")

file(GLOB unit_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_*.c)
if(NOT VSP_LINUX_PLACES)
  list(FILTER unit_tests EXCLUDE REGEX "/test_linux_place[.]c$")
endif()
if(NOT VSP_PLATFORM STREQUAL "posix") # processes and folders
  list(FILTER unit_tests EXCLUDE REGEX "/test_(costs|platform_process|pool|wasi_files|wasi_sandbox)[.]c$")
endif()
get_target_property(tiers_sources vsp_tiers SOURCES)
if(NOT "baseline/patch.c" IN_LIST tiers_sources)
  list(FILTER unit_tests EXCLUDE REGEX "/test_patch[.]c$")
endif()
if(CMAKE_SIZEOF_VOID_P EQUAL 4) # it computes with 128 bits, which compilers have for wider machines alone
  list(FILTER unit_tests EXCLUDE REGEX "/test_arith[.]c$")
endif()
if(VSP_PLATFORM STREQUAL "windows") # signals, modes and links of files
  list(FILTER unit_tests EXCLUDE REGEX "/test_(cache|platform_signals)[.]c$")
  list(APPEND unit_tests ${CMAKE_CURRENT_LIST_DIR}/../windows/test_windows.c)
endif()
if(CMAKE_CROSSCOMPILING_EMULATOR) # QEMU's own locks do not survive a fork beside other threads
  list(FILTER unit_tests EXCLUDE REGEX "/test_pool[.]c$")
endif()
if(VSP_SANITIZE MATCHES "thread") # those in which several threads run
  list(FILTER unit_tests INCLUDE REGEX
    "/test_(api_(host|limits|pools|run)|background|baseline|host_provider|interp_traps|linux_place|platform|pool|profile|sections_2_1|sized_structs|wasi_sandbox)[.]c$")
endif()
foreach(source ${unit_tests})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
  target_link_libraries(${name} PRIVATE ${layers} test_support vsp_cmocka m)
  target_compile_definitions(${name} PRIVATE VSP_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    VSP_BINARY_DIR="${PROJECT_BINARY_DIR}"
    VSP_TEST_EVERY=${VSP_TEST_EVERY})
  add_test(NAME unit.${name} COMMAND ${name})
  set_tests_properties(unit.${name} PROPERTIES TIMEOUT 300)
endforeach()
if(CMAKE_CROSSCOMPILING_EMULATOR AND TARGET test_host_provider)
  target_compile_definitions(test_host_provider PRIVATE VSP_EMULATED=1)
endif()
# What macOS alone compiles runs here against its declarations, with its calls replaced.
if(VSP_PLATFORM STREQUAL "posix" AND CMAKE_SYSTEM_NAME STREQUAL "Linux"
  AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|aarch64)$"
    AND NOT VSP_SANITIZE MATCHES "thread")
  add_library(macos_parts OBJECT ${PROJECT_SOURCE_DIR}/runtime/platform/macos_code.c unit/macos/context.c)
  target_link_libraries(macos_parts PRIVATE vsp_options)
  target_compile_options(macos_parts PRIVATE -U_FORTIFY_SOURCE -isystem ${PROJECT_SOURCE_DIR}/aot/apple)
  set_source_files_properties(unit/macos/context.c PROPERTIES COMPILE_OPTIONS "-D__APPLE__;-U__linux__")
  set(renamed)
  foreach(name vsp_code_reserve vsp_code_commit vsp_code_seal vsp_code_decommit mmap madvise
    pthread_jit_write_protect_supported_np
      pthread_jit_write_protect_np sys_icache_invalidate)
    list(APPEND renamed ${name}=macos_${name})
  endforeach()
  set_source_files_properties(${PROJECT_SOURCE_DIR}/runtime/platform/macos_code.c
    PROPERTIES COMPILE_DEFINITIONS "${renamed}")
  add_executable(test_macos unit/macos/test_macos.c)
  target_link_libraries(test_macos PRIVATE macos_parts vsp_options vsp_cmocka)
  add_test(NAME unit.test_macos COMMAND test_macos)

  # The other files with a branch for macOS. Functions that are not called here, and that call what
  # is missing, are left out by the linker, unless sanitizers or counters list them.
  if(NOT VSP_SANITIZE AND NOT VSP_COVERAGE)
    set(platform ${PROJECT_SOURCE_DIR}/runtime/platform)
    set(files posix_os posix_stack posix_memory posix_end posix_private posix_plain_files features_apple_aarch64)
    list(TRANSFORM files REPLACE "(.+)" "${platform}/\\1.c")
    add_library(macos_platform OBJECT ${files} unit/macos/system.c)
    target_link_libraries(macos_platform PRIVATE vsp_options)
    target_compile_options(macos_platform PRIVATE -U_FORTIFY_SOURCE -isystem ${PROJECT_SOURCE_DIR}/aot/apple -D__APPLE__
      -U__linux__ -ffunction-sections -fdata-sections)
    target_compile_definitions(macos_platform PRIVATE getrusage=macos_getrusage mmap=macos_mmap
      pthread_cond_wait=macos_pthread_cond_wait)
    add_executable(test_macos_platform unit/macos/test_platform.c ${PROJECT_SOURCE_DIR}/runtime/base/alloc.c)
    target_link_libraries(test_macos_platform PRIVATE macos_platform vsp_options vsp_cmocka)
    target_link_options(test_macos_platform PRIVATE LINKER:--gc-sections)
    add_test(NAME unit.test_macos_platform COMMAND test_macos_platform)
  endif()
endif()

if(CMAKE_CROSSCOMPILING_EMULATOR) # where it would take a minute
  target_compile_definitions(test_baseline PRIVATE VSP_TEST_EVERY=10)
endif()

# The interpreter's tests once more with the dispatches that were not chosen.
set(other_layers ${layers})
list(REMOVE_ITEM other_layers vsp_tiers)
file(GLOB interp_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/test_interp_*.c)
foreach(other ${VSP_OTHER_DISPATCHES})
  foreach(source ${interp_tests})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name}_${other} ${source})
    target_link_libraries(${name}_${other} PRIVATE ${other_layers} vsp_tiers_${other} vsp_cmocka m)
    target_compile_definitions(${name}_${other} PRIVATE VSP_TEST_EVERY=10)
    add_test(NAME unit.${name}.${other} COMMAND ${name}_${other})
    set_tests_properties(unit.${name}.${other} PROPERTIES TIMEOUT 300)
  endforeach()
endforeach()
