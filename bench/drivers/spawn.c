/*
 * Whole-process times: spawn ROUNDS CMD... -- CMD... [-- CMD...] runs the commands in turn (A B A B
 * ...) with output thrown away and prints, per command, the median, the least and the quartiles of
 * the time from posix_spawn to the end, in microseconds, the most memory a run had resident, in
 * KiB, and the least processor time of all its threads, in microseconds. Being small itself, it
 * does not hide a small program behind its own memory.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clock.h"

extern char **environ;

enum { MAX_COMMANDS = 16, MAX_ROUNDS = 100000 };

typedef struct command {
	char **argv;
	double *times;    /* of each round, in microseconds */
	double least_cpu; /* in microseconds; 0: no run yet */
	long most_kib;
} command;

static double in_us(struct timeval t) { return (double)t.tv_sec * 1e6 + (double)t.tv_usec; }

/* Returns 0, or -1 when the program cannot be started or does not exit with status 0. */
static int run(command *c, int round, const posix_spawn_file_actions_t *actions)
{
	pid_t pid;
	int status;
	struct rusage usage;
	uint64_t begin = bench_now();
	if (posix_spawnp(&pid, c->argv[0], actions, NULL, c->argv, environ) || wait4(pid, &status, 0, &usage) < 0)
		return -1;
	c->times[round] = (double)(bench_now() - begin) / 1e3;
	double cpu = in_us(usage.ru_utime) + in_us(usage.ru_stime);
	if (round == 0 || cpu < c->least_cpu)
		c->least_cpu = cpu;
	if (usage.ru_maxrss > c->most_kib)
		c->most_kib = usage.ru_maxrss;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Cuts the arguments at "--" into commands; returns how many. */
static int split(int argc, char **argv, command *commands)
{
	int count = 0;
	for (int i = 2; i < argc && count < MAX_COMMANDS; i++) {
		commands[count++] = (command){.argv = argv + i};
		while (i < argc && strcmp(argv[i], "--"))
			i++;
		if (i < argc)
			argv[i] = NULL;
	}
	return count;
}

static void print(command *c, int rounds)
{
	double *t = c->times;
	qsort(t, (size_t)rounds, sizeof *t, compare);
	printf("%.1f %.1f %.1f %.1f %ld %.1f\n", t[rounds / 2], t[0], t[rounds / 4], t[rounds * 3 / 4], c->most_kib,
	        c->least_cpu);
}

int main(int argc, char **argv)
{
	command commands[MAX_COMMANDS];
	int rounds = argc > 1 ? atoi(argv[1]) : 0, count = split(argc, argv, commands);
	if (rounds < 1 || rounds > MAX_ROUNDS || !count) {
		fputs("usage: spawn ROUNDS CMD... -- CMD...\n", stderr);
		return 2;
	}
	double *times = calloc((size_t)rounds * (size_t)count, sizeof *times);
	if (!times)
		return 2;
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int i = 0; i < count; i++)
		commands[i].times = times + (size_t)i * (size_t)rounds;
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			if (run(&commands[i], round, &actions) < 0) {
				fprintf(stderr, "spawn: %s failed\n", commands[i].argv[0]);
				return 2;
			}
	for (int i = 0; i < count; i++)
		print(&commands[i], rounds);
	free(times);
	return 0;
}
