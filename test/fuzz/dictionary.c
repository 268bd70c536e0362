/*
 * Prints a libFuzzer dictionary for .sil text: every mnemonic and other spelling of the table, and
 * the directives.
 */
#include <stdio.h>

#include "ir/opcode.h"

int main(void)
{
	static const char *const words[] = {".mode SIL-128", ".code", ".text", ".data", ".align", ".byte", ".half",
	        ".word", ".quad", ".float", ".double", ".ascii", ".asciz", ".space", ".func ", ".transform ",
	        ".kernel ", ".end", ".export ", " as ", ".import ", ".memory ", ".stack ", ".entry ", ".const ",
	        ".include ", ".model ", ".dialect classic", ".file ", ".loc ", ".symbol ", ".section ", "(2) -> 1",
	        "[SP+", "label:", "0x", "R0, ", "RF, ", "1.5s", "'c'", "<<", ">>", "&&", "||"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		printf("\"%s\"\n", words[i]);
	for (size_t i = 0; i < VSP_FORMS; i++)
		printf("\"%s \"\n", vsp_forms[i].mnemonic);
	for (size_t i = 0; i < vsp_alias_count; i++)
		printf("\"%s \"\n", vsp_aliases[i].spelling);
	return 0;
}
