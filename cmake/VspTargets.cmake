# The processors and features that LLVM knows for the machines programs are compiled for, as
# aot/known_targets.c reads them: C strings of words with spaces around. LLVM's C interface does not
# list them; for an unknown name it prints a message, and may abort.
#
#     vsp_write_targets(FILE)    lines of TARGET("arch", " processors ", " features ")
function(vsp_write_targets file)
  set(lines "")
  foreach(arch x86_64 aarch64 riscv64 wasm32)
    execute_process(COMMAND ${VSP_BITCODE_CLANG} -cc1 -triple ${arch}-unknown-unknown -target-cpu none-such -x c
      /dev/null -o /dev/null
      OUTPUT_QUIET ERROR_VARIABLE answer)
    string(REGEX MATCH "valid target CPU values are: ([^\n]*)" found "${answer}")
    string(REPLACE "," "" cpus "${CMAKE_MATCH_1}")
    execute_process(COMMAND ${VSP_LLC} -mtriple=${arch}-unknown-unknown -mattr=help -o /dev/null INPUT_FILE /dev/null
      OUTPUT_QUIET ERROR_VARIABLE answer)
    string(REGEX REPLACE "^.*Available features for this target:" "" answer "${answer}")
    string(REGEX MATCHALL "\n  [^ ]+ +- " features "${answer}")
    list(TRANSFORM features REPLACE "\n  ([^ ]+) +- " "\\1")
    list(JOIN features " " features)
    if(found AND features)
      string(APPEND lines "TARGET(\"${arch}\", \" generic ${cpus} \", \" ${features} \")\n")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${file} CONTENT "${lines}" @ONLY)
endfunction()
