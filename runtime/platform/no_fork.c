/*
 * Systems without fork, for compiled programs: nothing has to be held back for one.
 */
#include "platform.h"

void vsp_plat_fork_hold(void) {}
void vsp_plat_fork_release(void) {}
