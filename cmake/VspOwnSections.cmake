# cmake -DINPUT=FILE.ll -DOUTPUT=FILE.ll -P VspOwnSections.cmake: lets each constant of a module of
# LLVM IR have a section of its own. Those that may be merged are in one section, of which the
# linker keeps all when it keeps any.
file(READ ${INPUT} text)
string(REPLACE " unnamed_addr constant " " constant " text "${text}")
file(WRITE ${OUTPUT} "${text}")
