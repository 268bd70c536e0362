# Reorders the compiler's code by the execution counts of its blocks, with llvm-bolt, in two steps:
#   cmake -DSTEP=watch -DBOLT=llvm-bolt -DLIBRARY=.so -DORDER=order.txt -DPROFILE=out
#   -DTRAINER=gen_profile -DPROGRAMS=a.sil,b.sil -P VspBolt.cmake cmake -DSTEP=lay-out
#   -DBOLT=llvm-bolt -DLIBRARY=.so -DORDER=order.txt -DPROFILE=in -P VspBolt.cmake
# The first counts, in a copy of the library beside the trainer, the blocks executed by compiling
# the programs. Most of them are LLVM's, so the counts stay valid while the project's own code
# changes. The second replaces the library with the reordered one. LLVM's symbols are local in it,
# and BOLT adds /1 to the names of those.
function(bolt)
  execute_process(COMMAND ${BOLT} ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR
      "${text}\nllvm-bolt failed (${status}); it needs 4 GB of memory. -DVSP_LLVM_BOLT=OFF builds without it, and compiling takes a fifth longer")
  endif()
endfunction()

file(READ ${ORDER} names)
string(REPLACE "\n" "/1\n" names "${names}")
set(functions ${PROFILE}.functions)
file(WRITE ${functions} "${names}")

if(STEP STREQUAL "watch")
  get_filename_component(folder ${TRAINER} DIRECTORY)
  set(copy ${folder}/libvsp-llvm.so)
  file(REMOVE ${PROFILE}.part)
  bolt(${LIBRARY} -instrument -o ${copy} --instrumentation-file=${PROFILE}.part --instrumentation-binpath=${copy}
    -funcs-file-no-regex=${functions})
  string(REPLACE "," ";" programs "${PROGRAMS}")
  execute_process(COMMAND ${TRAINER} ${programs} RESULT_VARIABLE status)
  file(REMOVE ${copy})
  if(NOT status EQUAL 0 OR NOT EXISTS ${PROFILE}.part)
    message(FATAL_ERROR
      "The compiler cannot be watched (${status}). -DVSP_LLVM_BOLT=OFF builds without, and compiling takes a fifth longer")
  endif()
  file(RENAME ${PROFILE}.part ${PROFILE})
else()
  bolt(${LIBRARY} -o ${LIBRARY}.part -data=${PROFILE} -reorder-blocks=ext-tsp -reorder-functions=user
    -function-order=${functions} -split-functions -split-all-cold)
  file(RENAME ${LIBRARY}.part ${LIBRARY})
endif()
