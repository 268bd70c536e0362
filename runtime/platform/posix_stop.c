/*
 * The version for POSIX systems that cannot send a timer's signal to one thread: there are no
 * stoppers, so compiled loops poll the flag.
 */
#include "platform.h"
#include "posix_stop.h"

bool vsp_plat_has_stopper(void) { return false; }
int vsp_plat_stop_signal(void) { return 0; }
vsp_plat_stopper *vsp_plat_stopper_create(void) { return NULL; }
void vsp_plat_stopper_destroy(vsp_plat_stopper *stopper) { (void)stopper; }
bool vsp_plat_stopper_is_mine(const vsp_plat_stopper *stopper) { return stopper == NULL; }
void vsp_plat_stopper_fire(vsp_plat_stopper *stopper) { (void)stopper; }
void vsp_plat_stopper_rest(vsp_plat_stopper *stopper) { (void)stopper; }
