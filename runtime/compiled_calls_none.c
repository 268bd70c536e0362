/*
 * The empty list of addresses that compiled code calls, for platforms where no code is generated at
 * run time (see compiled_calls.c).
 */
#include "compiled.h"

const vsp_call_address vsp_call_addresses[] = {{"", NULL}};
const unsigned vsp_call_count = 0;
