/*
 * Whole-process times: spawn ROUNDS CMD... -- CMD... [-- CMD...] runs the commands in turn (A B A B ...) with output thrown away and
 * prints, per command, the median, the least and the quartiles of the time from posix_spawn to the end, in microseconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { MAX_COMMANDS = 16, MAX_ROUNDS = 100000 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Time of one run in microseconds; below 0: it could not be started or did not exit with status 0. */
static double run(char **argv, const posix_spawn_file_actions_t *actions)
{
	pid_t pid;
	int status;
	double begin = now();
	if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ) || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? now() - begin : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0, commands = 0;
	char **command[MAX_COMMANDS];
	for (int i = 2; i < argc; i++) {
		if (commands == MAX_COMMANDS)
			break;
		command[commands++] = argv + i;
		while (i < argc && strcmp(argv[i], "--"))
			i++;
		if (i < argc)
			argv[i] = NULL;
	}
	if (rounds < 1 || rounds > MAX_ROUNDS || !commands) {
		fputs("usage: spawn ROUNDS CMD... -- CMD...\n", stderr);
		return 2;
	}
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	double *times = malloc(sizeof *times * (size_t)rounds * (size_t)commands);
	if (!times)
		return 2;
	for (int r = 0; r < rounds; r++)
		for (int c = 0; c < commands; c++)
			if ((times[c * rounds + r] = run(command[c], &actions)) < 0) {
				fprintf(stderr, "spawn: %s failed\n", command[c][0]);
				return 2;
			}
	for (int c = 0; c < commands; c++) {
		double *t = times + (size_t)c * (size_t)rounds;
		qsort(t, (size_t)rounds, sizeof *t, compare);
		printf("%.1f %.1f %.1f %.1f\n", t[rounds / 2], t[0], t[rounds / 4], t[rounds * 3 / 4]);
	}
	free(times);
	return 0;
}
