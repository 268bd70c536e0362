# cmake -DLIST=FILE -DSALT=TEXT -DOUTPUT=FILE.c -P: defines vsp_build_id, a hash of the files that
# LIST names, one a line, and of the compiler and options in SALT. Two builds with the same hash
# make the same code of a program.
file(STRINGS ${LIST} files)
set(all "${SALT}\n")
foreach(file ${files})
  file(SHA256 ${file} hash)
  string(APPEND all "${hash}\n")
endforeach()
string(SHA256 id "${all}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#include \"tiers/cache/key.h\"\n\nconst char vsp_build_id[] = \"${id}\";\n")
