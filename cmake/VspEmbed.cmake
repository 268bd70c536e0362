# cmake -DINPUT=file -DOUTPUT=file.c -DNAME=symbol -P VspEmbed.cmake: a C file with the bytes of
# INPUT as NAME and NAME_size.
file(READ ${INPUT} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUTPUT}
  "#include <stddef.h>\n#include <stdint.h>\n\nextern const uint8_t ${NAME}[];\nextern const size_t ${NAME}_size;\nconst uint8_t ${NAME}[] = {${bytes}0};\nconst size_t ${NAME}_size = ${size};\n")
