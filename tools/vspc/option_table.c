/*
 * The options of the command line as data, expanded from options.def.
 */
#include "vspc.h"

const vspc_option vspc_option_table[VSPC_OPTIONS] = {
#define OPTION(ID, spelling, ARGUMENT, placeholder, GROUP, USE, COMPONENT, meaning) \
	{spelling, placeholder, meaning, VSPC_##ARGUMENT, VSPC_GROUP_##GROUP, VSPC_FOR_##USE, VSPC_##COMPONENT},
#include "options.def"
};
