# Random programs in many configurations; run by hand with --count 100000 (see docs/testing.md).
file(GLOB differential_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
set(differential_aot OFF)
if(VSP_TESTS_ALL AND VSP_HAVE_LLVM AND VSP_PLATFORM STREQUAL "posix")
  set(differential_aot ON)
endif()
list(FILTER differential_sources EXCLUDE REGEX "/run_aot[a-z_]*[.]c$")
if(VSP_PLATFORM STREQUAL "posix")
  list(APPEND differential_sources ${CMAKE_CURRENT_LIST_DIR}/run_aot.c)
else()
  list(APPEND differential_sources ${CMAKE_CURRENT_LIST_DIR}/run_aot_none.c)
endif()
add_executable(differential ${differential_sources})
target_link_libraries(differential PRIVATE ${layers} vsp_options m ${CMAKE_DL_LIBS})

# Most of the time is the compiler's, so programs are small, and each is run in one of ten compiled
# configurations. In other builds than the release fewer are enough: the compiled code is the same.
set(differential_count 500)
if(NOT VSP_TESTS_ALL)
  set(differential_count 60)
endif()
math(EXPR baseline_count "${differential_count} / 2")
math(EXPR kernel_count "${differential_count} / 5")
function(vsp_add_differential name)
  add_test(NAME ${name} COMMAND differential ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()
set(differential_options --count ${differential_count} --size 30 --sample 1)
vsp_add_differential(differential ${differential_options})
vsp_add_differential(differential.wild --from 1000000 --wild 20 ${differential_options})
# Functions so large that their registers are in memory between blocks.
vsp_add_differential(differential.large --from 3000000 --count 3 --size 1500 --sample 1)
# Baseline code alone, in longer functions and with more traps, for what it keeps in registers and
# records late.
foreach(size 40 110 200 320)
  math(EXPR from "5000000 + ${size}")
  math(EXPR wild "${size} % 60")
  vsp_add_differential(differential.baseline.${size} --from ${from} --count ${baseline_count} --size ${size} --wild
    ${wild} --only baseline)
endforeach()
# Kernels: on several threads in hostile builds; on devices in gpu.opencl.
vsp_add_differential(differential.kernels --from 4000000 --count ${kernel_count} --size 90 --sample 2 --wild 200
  --kernels 1)
# Does some program execute each form? The programs are the same in every build.
if(VSP_TESTS_ALL)
  vsp_add_differential(differential.coverage --coverage --count 1500)
endif()
if(differential_aot)
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/differential.aot)
  vsp_add_differential(differential.aot --from 2000000 --count 40 --size 60 --wild 100 --only "ahead of time"
    --aot ${CMAKE_CURRENT_BINARY_DIR}/differential.aot)
endif()
