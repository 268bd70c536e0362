# Proofs that the lowering and the interpreter compute what the instruction set defines
# (docs/proof.md). They need z3 and clang; a machine without either skips them. proof.full takes
# minutes and is not among the tests: cmake --build BUILD --target proof
find_package(Python3 COMPONENTS Interpreter QUIET)
find_program(VSP_Z3 z3)
find_program(VSP_PROOF_CLANG NAMES clang-22 clang HINTS ${LLVM_TOOLS_BINARY_DIR})

add_executable(proof_emit ${CMAKE_CURRENT_LIST_DIR}/emit.c)
target_link_libraries(proof_emit PRIVATE ${layers} vsp_lower vsp_llvm m)

set(proof_command ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_LIST_DIR}/prove.py --emit $<TARGET_FILE:proof_emit>
  --source ${PROJECT_SOURCE_DIR} --z3 "${VSP_Z3}" --clang "${VSP_PROOF_CLANG}")
if(Python3_FOUND)
  add_test(NAME proof.quick COMMAND ${proof_command} --quick)
  add_test(NAME proof.refutes COMMAND ${proof_command} --self-test)
  set_tests_properties(proof.quick proof.refutes PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
  add_custom_target(proof COMMAND ${proof_command} --full DEPENDS proof_emit USES_TERMINAL VERBATIM)
endif()
