# Compiled programs: the command line, hosts, threads, and every test program and example as a
# shared object, compared with tier 0.
find_package(Threads REQUIRED)
add_executable(run_shared ${CMAKE_CURRENT_LIST_DIR}/run_shared.c ${PROJECT_SOURCE_DIR}/runtime/host/stdio_host.c
  ${PROJECT_SOURCE_DIR}/runtime/base/alloc.c
  ${PROJECT_SOURCE_DIR}/runtime/platform/posix_base.c)
target_link_libraries(run_shared PRIVATE vsp_options ${CMAKE_DL_LIBS})
add_executable(aot_threads ${CMAKE_CURRENT_LIST_DIR}/threads.c)
target_link_libraries(aot_threads PRIVATE vsp_options Threads::Threads ${CMAKE_DL_LIBS})

add_test(NAME aot.command_line COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_aot.sh $<TARGET_FILE:vspc>)
add_test(NAME aot.threads COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_threads.sh $<TARGET_FILE:vspc>
  $<TARGET_FILE:aot_threads>)
add_test(NAME aot.backtraces COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_backtraces.sh $<TARGET_FILE:vspc>)
add_executable(aot_calls ${CMAKE_CURRENT_LIST_DIR}/calls.c)
target_link_libraries(aot_calls PRIVATE vsp_options Threads::Threads ${CMAKE_DL_LIBS} m)
add_test(NAME aot.calls COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_calls.sh $<TARGET_FILE:vspc> $<TARGET_FILE:aot_calls>
  ${CMAKE_CURRENT_LIST_DIR}/calls.sil)
add_executable(aot_lives ${CMAKE_CURRENT_LIST_DIR}/lives.c)
target_link_libraries(aot_lives PRIVATE vsp_options Threads::Threads ${CMAKE_DL_LIBS})
set_target_properties(aot_lives PROPERTIES ENABLE_EXPORTS ON)
add_test(NAME aot.lives COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_lives.sh $<TARGET_FILE:vspc> $<TARGET_FILE:aot_lives>
  ${CMAKE_CURRENT_LIST_DIR}/lives.sil)
add_executable(aot_interposition ${CMAKE_CURRENT_LIST_DIR}/interposition.c)
target_link_libraries(aot_interposition PRIVATE vsp_options ${CMAKE_DL_LIBS})
add_test(NAME aot.interposition COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_interposition.sh $<TARGET_FILE:vspc>
  $<TARGET_FILE:aot_interposition>)
set_tests_properties(aot.lives aot.interposition PROPERTIES TIMEOUT 300)
add_executable(aot_wasi_host ${CMAKE_CURRENT_LIST_DIR}/wasi_host.c)
target_link_libraries(aot_wasi_host PRIVATE vsp_options ${CMAKE_DL_LIBS})
add_test(NAME aot.wasi COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_wasi.sh $<TARGET_FILE:vspc>
  $<TARGET_FILE:aot_wasi_host>)
add_executable(aot_team ${CMAKE_CURRENT_LIST_DIR}/team.c ${CMAKE_CURRENT_LIST_DIR}/team_posix.c)
target_link_libraries(aot_team PRIVATE vsp_options Threads::Threads ${CMAKE_DL_LIBS})
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_test(NAME aot.team COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_team.sh $<TARGET_FILE:vspc> $<TARGET_FILE:aot_team>
    ${CMAKE_CURRENT_LIST_DIR}/team.sil)
  set_tests_properties(aot.team PROPERTIES TIMEOUT 300)
endif()
add_test(NAME aot.profile COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_profile.sh $<TARGET_FILE:vspc>)
set_tests_properties(aot.command_line aot.profile aot.threads aot.calls aot.backtraces aot.wasi PROPERTIES TIMEOUT 300)

add_test(NAME aot.hosts COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_hosts.sh $<TARGET_FILE:vspc>)
add_test(NAME aot.headers COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_headers.sh $<TARGET_FILE:vspc>)
add_test(NAME aot.size COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_size.sh $<TARGET_FILE:vspc>)
set_tests_properties(aot.hosts aot.headers aot.size PROPERTIES TIMEOUT 300)

# 20,000 transforms nested by PIPE fit tier 0's stack, but not this machine's.
set(compiled_programs ${programs})
list(FILTER compiled_programs EXCLUDE REGEX "pipe_deep")
# All of them as shared objects, below; a third as executables too.
include(forms/programs.cmake)
set(executable_programs ${compiled_programs} ${examples})
vsp_sample_programs(executable_programs 3)
add_test(NAME aot.executables COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_executables.sh $<TARGET_FILE:vspc>
  ${executable_programs})
set_tests_properties(aot.executables PROPERTIES TIMEOUT 600)
# Calls and ends once more, with runs that end through returns, as on targets without another way.
set(status_programs ${compiled_programs})
list(FILTER status_programs INCLUDE REGEX
  "/(control_|invoke_|kernel_|syscall_exit|transform_|trap_|pipe_|batch_bounds)")
set(work ${CMAKE_CURRENT_BINARY_DIR}/programs.status)
file(MAKE_DIRECTORY ${work})
add_test(NAME programs.status_returns COMMAND run_programs --host --vspc $<TARGET_FILE:run_shared> --work ${work}
  --flags "--status-returns --bounds=explicit --no-signals" ${status_programs})
set_tests_properties(programs.status_returns PROPERTIES TIMEOUT 900
  ENVIRONMENT "VSP_TEST_VSPC=$<TARGET_FILE:vspc>;VSP_TEST_WORK=${work}")
foreach(set compiled_programs examples)
  set(work ${CMAKE_CURRENT_BINARY_DIR}/${set}.shared)
  file(MAKE_DIRECTORY ${work})
  add_test(NAME ${set}.shared COMMAND run_programs --host --vspc $<TARGET_FILE:run_shared> --work ${work} --flags ""
    ${${set}})
  set_tests_properties(${set}.shared PROPERTIES TIMEOUT 900 ENVIRONMENT
    "VSP_TEST_VSPC=$<TARGET_FILE:vspc>;VSP_TEST_WORK=${work}")
endforeach()

# Other machines, under QEMU: what the forms leave, and a sample of the other programs, since what
# LLVM makes of them for each machine is covered by the forms. The runtimes are compiled once for
# all tests.
set(other_programs ${compiled_programs} ${examples})
vsp_sample_programs(other_programs 6)
set(cross_cache "XDG_CACHE_HOME=${CMAKE_CURRENT_BINARY_DIR}/cache")
foreach(target "aarch64-linux-gnu AArch64" "riscv64-linux-gnu RISC-V")
  separate_arguments(target)
  list(GET target 0 gnu)
  string(REGEX REPLACE "-.*" "" cpu ${gnu})
  add_test(NAME aot.cross.${cpu} COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_cross.sh $<TARGET_FILE:vspc> ${target})
  add_test(NAME aot.executables.${cpu} COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_executables.sh $<TARGET_FILE:vspc>
    ${other_programs})
  set_tests_properties(aot.cross.${cpu} PROPERTIES ENVIRONMENT "${cross_cache}")
  set_tests_properties(aot.executables.${cpu} PROPERTIES
    ENVIRONMENT
    "${cross_cache};VSP_TEST_AOT=--target=${gnu};VSP_TEST_RUN=qemu-${cpu} -L /usr/${gnu};VSP_TEST_NEEDS=qemu-${cpu} ${gnu}-gcc")
  set_tests_properties(aot.cross.${cpu} aot.executables.${cpu} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endforeach()

add_test(NAME aot.stops COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_stops.sh $<TARGET_FILE:vspc>
  ${CMAKE_CURRENT_LIST_DIR}/stops.c ${CMAKE_CURRENT_LIST_DIR}/stops.sil)
set_tests_properties(aot.stops PROPERTIES TIMEOUT 600 ENVIRONMENT "${cross_cache}")

# Features of processors.
add_test(NAME aot.features COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_features.sh $<TARGET_FILE:vspc>)
set_tests_properties(aot.features PROPERTIES TIMEOUT 300 ENVIRONMENT "${cross_cache}")

# How compilations end, and whose files they take in. The latter has a cache of its own.
foreach(name ends trust)
  add_test(NAME aot.${name} COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_${name}.sh $<TARGET_FILE:vspc>)
  set_tests_properties(aot.${name} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()

# Objects for macOS.
add_test(NAME aot.apple COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_apple.sh $<TARGET_FILE:vspc>)
set_tests_properties(aot.apple PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77 ENVIRONMENT "${cross_cache}")

# 32 bits: tests that depend on the size of pointers, on floats, and on the checks of accesses.
set(narrow_programs ${compiled_programs})
list(FILTER narrow_programs INCLUDE REGEX
  "/(trap_|float_|memory_|data_|convert_|syscall_|batch_v|invoke_registers|integer_(divide|high|mul))")
# Some machines have no room for memory of 3 GiB.
set(wide_programs "/memory_displacement_high[.]sil$")
list(FILTER narrow_programs EXCLUDE REGEX "${wide_programs}")
vsp_sample_programs(narrow_programs 3)
add_test(NAME aot.executables.armv7 COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_executables.sh $<TARGET_FILE:vspc>
  ${narrow_programs})
set_tests_properties(aot.executables.armv7 PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77
  ENVIRONMENT
  "${cross_cache};VSP_TEST_AOT=--target=armv7-linux-gnueabihf;VSP_TEST_RUN=qemu-arm -L /usr/arm-linux-gnueabihf;VSP_TEST_NEEDS=qemu-arm arm-linux-gnueabihf-gcc")

# Big-endian, with accesses checked by code.
add_test(NAME aot.executables.s390x COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_executables.sh $<TARGET_FILE:vspc>
  ${other_programs})
set_tests_properties(aot.executables.s390x PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77
  ENVIRONMENT
  "${cross_cache};VSP_TEST_AOT=--target=s390x-linux-gnu;VSP_TEST_RUN=qemu-s390x -L /usr/s390x-linux-gnu;VSP_TEST_NEEDS=qemu-s390x s390x-linux-gnu-gcc")

# WebAssembly under Node.js. Deep nesting is up to the engine, which cannot say where it ended, and
# nothing can interrupt a program from outside.
set(wasm_programs ${compiled_programs})
list(FILTER wasm_programs EXCLUDE REGEX "/(pipe_too_deep|trap_timeout)[.]sil$")
list(FILTER wasm_programs EXCLUDE REGEX "${wide_programs}")
vsp_sample_programs(wasm_programs 6)
list(FILTER wasm_programs EXCLUDE REGEX "/wasi/") # aot.wasm's
string(REGEX MATCH "^[0-9]+" llvm_major ${VSP_LLVM_VERSION})
find_program(VSP_NODE NAMES node DOC "Node.js, for tests of WebAssembly")
find_program(VSP_WASM_LD NAMES wasm-ld-${llvm_major} wasm-ld DOC "LLVM's linker for WebAssembly, for tests")
add_test(NAME aot.wasm COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_wasm.sh $<TARGET_FILE:vspc>)
set_tests_properties(aot.wasm PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 ENVIRONMENT "${cross_cache}")
if(VSP_NODE AND VSP_WASM_LD)
  set(work ${CMAKE_CURRENT_BINARY_DIR}/programs.wasm)
  file(MAKE_DIRECTORY ${work})
  add_test(NAME programs.wasm COMMAND run_programs --host --vspc ${CMAKE_CURRENT_LIST_DIR}/run_wasm.mjs --work ${work}
    --flags "" ${wasm_programs})
  set_tests_properties(programs.wasm PROPERTIES TIMEOUT 900
    ENVIRONMENT "${cross_cache};VSP_TEST_VSPC=$<TARGET_FILE:vspc>;VSP_TEST_WORK=${work}")
  add_test(NAME examples.wasm COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_executables.sh $<TARGET_FILE:vspc> ${examples})
  set_tests_properties(examples.wasm PROPERTIES TIMEOUT 300
    ENVIRONMENT "${cross_cache};VSP_TEST_SUFFIX=.wasm;VSP_TEST_RUN=${VSP_NODE} ${PROJECT_SOURCE_DIR}/aot/js/run.mjs")
endif()

# Windows: tests that depend on the system, the linker or calling conventions.
set(windows_programs ${compiled_programs})
list(FILTER windows_programs INCLUDE REGEX
  "/(trap_|float_|invoke_|memory_|syscall_|pipe_|control_call|kernel_square|batch_gradients)")
list(APPEND windows_programs ${examples})
vsp_sample_programs(windows_programs 4)
add_test(NAME aot.windows COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_windows.sh $<TARGET_FILE:vspc>
  ${CMAKE_CURRENT_BINARY_DIR}/wine ${windows_programs})
set_tests_properties(aot.windows PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77 ENVIRONMENT "${cross_cache}")
include(forms/forms.cmake)
