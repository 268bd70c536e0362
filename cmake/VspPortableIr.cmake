# cmake -DINPUT=file.ll -DOUTPUT=file.ll -P VspPortableIr.cmake: turns LLVM IR made on this machine
# into IR for any machine. The module's flags, which hold for one machine (the size of wchar_t) and
# would forbid linking with modules of others, are left out. Functions must pass whole registers:
# machines differ in whether caller or callee extends narrower integers, and the IR contains this
# machine's rule.
file(READ ${INPUT} text)
string(REGEX MATCHALL "\n(define|declare) [^\n@]*@[^\n]*" functions "${text}")
foreach(function IN LISTS functions)
  string(REGEX MATCH "@[A-Za-z0-9_.]+" name "${function}")
  if(NOT name MATCHES "^@llvm[.]" AND function MATCHES "[ (]i(1|8|16|32) ")
    message(FATAL_ERROR
      "${INPUT}: ${name} passes an integer narrower than a register, which is not portable between machines:${function}")
  endif()
endforeach()
string(REGEX REPLACE "\n!llvm\\.module\\.flags = [^\n]*" "" text "${text}")
file(WRITE ${OUTPUT} "${text}")
