/*
 * Linux for team.c, see team_system.h.
 */
#include "team_system.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

void *team_symbol(const char *library, const char *name)
{
	void *opened = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	return opened ? dlsym(opened, name) : NULL;
}

unsigned team_threads(void)
{
	unsigned count = 0;
	DIR *all = opendir("/proc/self/task");
	for (struct dirent *e; all && (e = readdir(all));)
		count += e->d_name[0] != '.';
	if (all)
		closedir(all);
	return count;
}

typedef struct started {
	pthread_t thread;
	void (*fn)(void *);
	void *arg;
} started;

static void *run(void *opaque)
{
	started *s = opaque;
	s->fn(s->arg);
	return NULL;
}

void *team_thread(void (*fn)(void *), void *arg)
{
	started *s = malloc(sizeof *s);
	*s = (started){.fn = fn, .arg = arg};
	if (pthread_create(&s->thread, NULL, run, s) == 0)
		return s;
	free(s);
	return NULL;
}

void team_join(void *thread)
{
	started *s = thread;
	pthread_join(s->thread, NULL);
	free(s);
}

void team_sleep_ms(unsigned ms) { usleep(1000 * ms); }
void team_environment(const char *name, const char *value) { setenv(name, value, 1); }
