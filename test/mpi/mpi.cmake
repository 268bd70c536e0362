# Programs as ranks of MPI jobs, with each implementation that is here.
foreach(library ${VSP_MPI_LIBRARIES})
  string(REPLACE "vsp-mpi-" "" implementation ${library})
  add_test(NAME mpi.${implementation} COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_mpi.sh ${implementation}
    $<TARGET_FILE:vspc>
    ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
  set_tests_properties(mpi.${implementation} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()
