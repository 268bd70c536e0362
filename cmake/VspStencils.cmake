# Completes stencils in LLVM's language: cmake -DFILE=x.ll -DMACHINE=x86_64 -P VspStencils.cmake
#
# Those of other machines than x86-64 are complete. There the addresses of symbols vsp_hole_* may be
# any numbers of 32 bits with a sign, so that LLVM chooses instructions in which such numbers stand.
# Tables are far away from the code.
if(NOT MACHINE STREQUAL "x86_64")
  return()
endif()
file(READ ${FILE} text)
string(REGEX REPLACE "(\n@vsp_hole_[a-z_]+ = [^\n]*)" "\\1, !absolute_symbol !999999" text "${text}")
string(REGEX REPLACE "(\n@vsp_bytesil_[a-z_]+ = external [^\n]*)" "\\1, code_model \"large\"" text "${text}")
file(WRITE ${FILE} "${text}\n!999999 = !{i64 -2147483648, i64 2147483648}\n")
