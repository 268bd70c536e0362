/*
 * --timeout: a thread that acts when the time is up. Time counts from before the program is read.
 * Until the program runs nothing can be interrupted (a pipe may never deliver) and nothing needs to
 * be saved: the process ends.
 */
#include "vspc.h"

#include "runtime/platform/platform.h"

static void watch(void *arg)
{
	vspc_watchdog *dog = arg;
	uint64_t now = vsp_plat_clock_ns();
	vsp_plat_mutex_lock(dog->mutex);
	while (!dog->stop && now - dog->start_ns < dog->timeout_ns) {
		vsp_plat_mutex_wait(dog->mutex, dog->timeout_ns - (now - dog->start_ns));
		now = vsp_plat_clock_ns();
	}
	if (!dog->stop)
		dog->bark(dog->arg);
	vsp_plat_mutex_unlock(dog->mutex);
}

int vspc_watchdog_start(vspc_watchdog *dog, const vspc_options *options, void (*bark)(void *arg), void *arg)
{
	if (!options->timeout_ns)
		return 0;
	dog->timeout_ns = options->timeout_ns;
	dog->start_ns = dog->start_ns ? dog->start_ns : vsp_plat_clock_ns();
	dog->stop = false;
	dog->bark = bark;
	dog->arg = arg;
	dog->mutex = vsp_plat_mutex_create();
	dog->thread = dog->mutex ? vsp_plat_thread_start(watch, dog) : NULL;
	if (dog->thread)
		return 0;
	vsp_plat_mutex_destroy(dog->mutex);
	return vspc_error("'--timeout' needs a thread, and none can be had");
}

void vspc_watchdog_stop(vspc_watchdog *dog)
{
	if (!dog->thread)
		return;
	vsp_plat_mutex_lock(dog->mutex);
	dog->stop = true;
	vsp_plat_mutex_signal(dog->mutex);
	vsp_plat_mutex_unlock(dog->mutex);
	vsp_plat_thread_join(dog->thread);
	vsp_plat_mutex_destroy(dog->mutex);
	dog->thread = NULL;
}
