/*
 * Prints the bash completion of vspc, made from the option table.
 */
#include <stdio.h>
#include <string.h>

/* The placeholder's alternatives as words, when it is a list of them. */
static void print_values(const char *spelling, const char *placeholder)
{
	if (!strchr(placeholder, '|'))
		return;
	printf("\t%s=*) words=\"", spelling);
	for (const char *at = placeholder; *at; at++)
		putchar(*at == '|' ? ' ' : *at);
	printf("\" prefix=%s= ;;\n", spelling);
}

int main(void)
{
	printf("# bash completion for vspc\n_vspc()\n{\n\tlocal current=\"${COMP_LINE:0:COMP_POINT}\" words prefix=\n");
	printf("\tcurrent=\"${current##* }\"\n\tcase $current in\n");
#define OPTION(ID, spelling, ARGUMENT, placeholder, GROUP, USE, COMPONENT, meaning) print_values(spelling, placeholder);
#include "tools/vspc/options.def"
	printf("\t-*) words=\"");
#define OPTION(ID, spelling, ARGUMENT, placeholder, GROUP, USE, COMPONENT, meaning) printf("%s ", spelling);
#include "tools/vspc/options.def"
	printf("\" ;;\n\t*) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n\tesac\n");
	printf("\tCOMPREPLY=($(compgen -W \"$words\" -- \"${current#\"$prefix\"}\"))\n}\n");
	printf("complete -o filenames -F _vspc vspc\n");
	return 0;
}
