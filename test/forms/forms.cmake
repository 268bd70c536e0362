# Every form of the table, ahead of time for each machine that can be emulated here; at the other
# levels of optimisation by ctest -C long, and in whole runs.
function(vsp_test_forms name)
  set(command sh ${CMAKE_CURRENT_SOURCE_DIR}/forms/test_forms.sh $<TARGET_FILE:vspc> $<TARGET_FILE:forms>)
  add_test(NAME aot.forms.${name} COMMAND ${command} 0 2)
  set(when CONFIGURATIONS long)
  if(VSP_TEST_WHOLE)
    set(when)
  endif()
  add_test(NAME aot.forms.${name}.levels ${when} COMMAND ${command} 1 3)
  set_tests_properties(aot.forms.${name} aot.forms.${name}.levels PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77
    ENVIRONMENT "${cross_cache};${ARGN}")
endfunction()
# Here in the other tiers too; LLVM takes five seconds for tier 2, whose code is that of -O2.
set(tiers 1)
if(VSP_STENCILS)
  list(APPEND tiers baseline)
endif()
if(VSP_TEST_WHOLE)
  list(APPEND tiers 2)
endif()
list(JOIN tiers " " tiers)
vsp_test_forms(native "VSP_TEST_TIERS=${tiers}")
foreach(machine aarch64:aarch64:aarch64-linux-gnu riscv64:riscv64:riscv64-linux-gnu armv7:arm:arm-linux-gnueabihf
    s390x:s390x:s390x-linux-gnu)
  string(REPLACE ":" ";" machine ${machine})
  list(GET machine 0 cpu)
  list(GET machine 1 qemu)
  list(GET machine 2 gnu)
  string(REGEX REPLACE "^arm-" "armv7-" target ${gnu})
  vsp_test_forms(${cpu} "VSP_TEST_AOT=--target=${target}" "VSP_TEST_RUN=qemu-${qemu} -L /usr/${gnu}"
    "VSP_TEST_NEEDS=qemu-${qemu} ${gnu}-gcc")
endforeach()
if(VSP_NODE AND VSP_WASM_LD)
  vsp_test_forms(wasm32 VSP_TEST_SUFFIX=.wasm
    "VSP_TEST_RUN=${VSP_NODE} --no-warnings ${PROJECT_SOURCE_DIR}/aot/js/run.mjs")
endif()
vsp_test_forms(windows VSP_TEST_AOT=--target=x86_64-w64-mingw32 VSP_TEST_SUFFIX=.exe
  VSP_TEST_RUN=${PROJECT_SOURCE_DIR}/tools/wine.sh
  "VSP_TEST_NEEDS=wine x86_64-w64-mingw32-gcc"
  WINEDEBUG=-all WINEPREFIX=${CMAKE_CURRENT_BINARY_DIR}/wine)
# One at a time makes Wine's files, and ends its server.
set_tests_properties(aot.windows aot.forms.windows aot.forms.windows.levels PROPERTIES RESOURCE_LOCK wine)

# Machines that cannot be emulated with what the tests install.
set(selected 0 i686-linux-gnu)
if(VSP_TEST_WHOLE)
  set(selected 2 i686-linux-gnu mips-linux-gnu powerpc-linux-gnu)
endif()
add_test(NAME aot.forms.selected COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/forms/test_selected.sh $<TARGET_FILE:vspc>
  $<TARGET_FILE:forms> ${selected})
set_tests_properties(aot.forms.selected PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 ENVIRONMENT "${cross_cache}")

# And every access at the ends of memory, where traps must come before any effect.
foreach(gnu "" aarch64-linux-gnu riscv64-linux-gnu)
  string(REGEX MATCH "^[^-]+" cpu "${gnu}")
  if(NOT cpu)
    set(cpu native)
  endif()
  add_test(NAME aot.accesses.${cpu} COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/forms/test_accesses.sh $<TARGET_FILE:vspc>
    $<TARGET_FILE:forms> ${gnu})
  set_tests_properties(aot.accesses.${cpu} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77 ENVIRONMENT "${cross_cache}")
endforeach()
