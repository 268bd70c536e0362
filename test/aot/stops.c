/*
 * A host that stops programs from another thread, in each kind of loop that could go on for ever:
 * one instruction, stores, and a kernel on several threads. The program, stops.sil, is linked in.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "stops.h"

typedef vsp_status export_fn(vsp_aot_instance *instance, const int64_t *args, int64_t *results);

static pthread_t interrupter;

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	vsp_aot_interrupt(instance);
	return NULL;
}

/* The program is about to begin its loop. */
static int ready(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)args, (void)results;
	(void)caller;
	return pthread_create(&interrupter, NULL, interrupt_soon, user);
}

static int check(const char *name, export_fn *fn)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	vsp_aot_instance *instance = vsp_aot_instantiate(&config, &error);
	if (!instance)
		return printf("%s: %s\n", name, error.message), 1;
	vsp_aot_define_import(instance, "host.ready", 0, 0, ready, instance);
	vsp_status status = fn(instance, NULL, NULL);
	int trap = vsp_aot_last_error(instance)->trap;
	pthread_join(interrupter, NULL);
	vsp_aot_free(instance);
	printf("%s: %s\n", name, status == VSP_TRAPPED && trap == VSP_TRAP_INTERRUPTED ? "stopped" : "went on");
	return 0;
}

int main(void)
{
	alarm(60);
	return check("tight", tight) + check("stores", stores) + check("team", team);
}
