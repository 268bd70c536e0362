# Device code of kernels, and devices: PoCL is an OpenCL device on the processor, and CUDA's driver
# is one of the tests' own.
if(VSP_HAVE_LLVM AND VSP_PLATFORM STREQUAL "posix" AND NOT VSP_SANITIZE AND (VSP_COVERAGE OR NOT VSP_HOSTILE))
  add_executable(emit_items ${CMAKE_CURRENT_LIST_DIR}/emit_items.c)
  find_package(Threads REQUIRED)
  target_link_libraries(emit_items PRIVATE vsp_options Threads::Threads ${CMAKE_DL_LIBS})
  add_test(NAME gpu.device_code COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_device_code.sh $<TARGET_FILE:vspc>
    $<TARGET_FILE:differential>
    $<TARGET_FILE:emit_items> $<TARGET_FILE:vsp_gpu> ${CMAKE_CURRENT_SOURCE_DIR}/programs 60)
  set_tests_properties(gpu.device_code PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300
    ENVIRONMENT VSP_TEST_LIMITS=$<$<BOOL:${VSP_HOSTILE}>:small>)
  add_executable(two_compilers ${CMAKE_CURRENT_LIST_DIR}/two_compilers.c)
  target_link_libraries(two_compilers PRIVATE ${layers} vsp_options m Threads::Threads ${CMAKE_DL_LIBS})
  add_test(NAME gpu.two_compilers COMMAND two_compilers $<TARGET_FILE:vsp_gpu> ${CMAKE_CURRENT_BINARY_DIR} 8)
  set_tests_properties(gpu.two_compilers PROPERTIES TIMEOUT 120 ENVIRONMENT "VSP_LIBRARY_DIR=${PROJECT_BINARY_DIR}/lib")
  add_executable(first_use ${CMAKE_CURRENT_LIST_DIR}/first_use.c)
  target_link_libraries(first_use PRIVATE ${layers} vsp_options m Threads::Threads ${CMAKE_DL_LIBS})
  add_test(NAME gpu.first_use COMMAND first_use)
  set_tests_properties(gpu.first_use PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120
    ENVIRONMENT "VSP_LIBRARY_DIR=${PROJECT_BINARY_DIR}/lib")
  add_test(NAME gpu.script COMMAND ${PROJECT_SOURCE_DIR}/tools/test_gpu.sh --quick ${PROJECT_BINARY_DIR})
  set_tests_properties(gpu.script PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
  if(NOT VSP_HOSTILE) # whose limits refuse some of the kernels
    # PoCL compiles each kernel for half a second.
    set(random 8)
    set(every 3)
    if(VSP_TEST_WHOLE)
      set(random 100)
      set(every 1)
    endif()
    add_test(NAME gpu.opencl COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_opencl.sh $<TARGET_FILE:vspc>
      $<TARGET_FILE:differential>
      ${CMAKE_CURRENT_SOURCE_DIR}/programs ${random})
    set_tests_properties(gpu.opencl PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
    add_test(NAME gpu.aot COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_aot.sh $<TARGET_FILE:vspc>
      ${CMAKE_CURRENT_SOURCE_DIR}/programs
      ${CMAKE_CURRENT_LIST_DIR}/all_forms.py ${PROJECT_SOURCE_DIR}/ir/opcodes.def ${every})
    set_tests_properties(gpu.aot PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600)
  endif()
endif()

if(VSP_PLATFORM STREQUAL "posix")
  add_library(fake_cuda SHARED ${CMAKE_CURRENT_LIST_DIR}/fake_cuda.c)
  set_target_properties(fake_cuda PROPERTIES OUTPUT_NAME cuda SUFFIX .so.1 LIBRARY_OUTPUT_DIRECTORY
    ${CMAKE_CURRENT_BINARY_DIR}/fake)
  add_executable(test_cuda ${CMAKE_CURRENT_LIST_DIR}/test_cuda.c)
  target_link_libraries(test_cuda PRIVATE ${layers} vsp_cmocka m ${CMAKE_DL_LIBS})
  add_dependencies(test_cuda fake_cuda)
  if(NOT VSP_SANITIZE MATCHES "thread") # it has one thread
    add_test(NAME gpu.cuda COMMAND test_cuda)
  endif()
  add_executable(test_cuda_threads ${CMAKE_CURRENT_LIST_DIR}/test_cuda_threads.c)
  find_package(Threads REQUIRED)
  target_link_libraries(test_cuda_threads PRIVATE ${layers} vsp_cmocka m Threads::Threads ${CMAKE_DL_LIBS})
  add_dependencies(test_cuda_threads fake_cuda)
  add_test(NAME gpu.cuda_threads COMMAND test_cuda_threads)
  if(VSP_HAVE_LLVM AND NOT VSP_SANITIZE)
    add_executable(aot_cuda ${CMAKE_CURRENT_LIST_DIR}/aot_cuda.c)
    target_link_libraries(aot_cuda PRIVATE vsp_options ${CMAKE_DL_LIBS})
    add_test(NAME gpu.aot_cuda COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_aot_cuda.sh $<TARGET_FILE:vspc>
      $<TARGET_FILE:aot_cuda>
      ${CMAKE_CURRENT_SOURCE_DIR}/programs/kernel_square.sil ${CMAKE_CURRENT_BINARY_DIR}/fake)
    add_test(NAME gpu.opencl_failing_programs COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_opencl_failures.sh
      $<TARGET_FILE:vspc>
      ${CMAKE_CURRENT_LIST_DIR}/every_batch.sil ${CMAKE_CURRENT_BINARY_DIR}/fake_opencl 4)
  endif()
  # It says what kernels compute by the functions of the CPU.
  add_library(fake_opencl SHARED ${CMAKE_CURRENT_LIST_DIR}/fake_opencl.c)
  target_link_libraries(fake_opencl PRIVATE vsp_runtime vsp_options m)
  set_target_properties(fake_opencl PROPERTIES OUTPUT_NAME OpenCL SUFFIX .so.1
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fake_opencl)
  add_executable(test_opencl_failures ${CMAKE_CURRENT_LIST_DIR}/test_opencl_failures.c)
  target_link_libraries(test_opencl_failures PRIVATE ${layers} vsp_cmocka m ${CMAKE_DL_LIBS})
  add_dependencies(test_opencl_failures fake_opencl)
  if(NOT VSP_SANITIZE MATCHES "thread")
    add_test(NAME gpu.opencl_failures COMMAND test_opencl_failures)
    set_tests_properties(gpu.opencl_failures PROPERTIES ENVIRONMENT
      "LD_LIBRARY_PATH=${CMAKE_CURRENT_BINARY_DIR}/fake_opencl")
    set_tests_properties(gpu.cuda PROPERTIES ENVIRONMENT "LD_LIBRARY_PATH=${CMAKE_CURRENT_BINARY_DIR}/fake")
  endif()
  set_tests_properties(gpu.cuda_threads PROPERTIES ENVIRONMENT "LD_LIBRARY_PATH=${CMAKE_CURRENT_BINARY_DIR}/fake")
endif()

add_executable(test_spirv_numbers ${CMAKE_CURRENT_LIST_DIR}/test_spirv_numbers.c
  ${PROJECT_SOURCE_DIR}/tiers/gpu/spirv_numbers.c)
target_link_libraries(test_spirv_numbers PRIVATE ${layers} vsp_cmocka m)
add_test(NAME gpu.spirv_numbers COMMAND test_spirv_numbers)
