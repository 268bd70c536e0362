# cmake -DINPUT=file.ll -DOUTPUT=file.ll -P VspWithoutFlags.cmake: LLVM IR without its module's flags, which hold for one machine (the size of
# wchar_t) and would forbid linking with modules of others.
file(READ ${INPUT} text)
string(REGEX REPLACE "\n!llvm\\.module\\.flags = [^\n]*" "" text "${text}")
file(WRITE ${OUTPUT} "${text}")
