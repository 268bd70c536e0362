/*
 * What the system's basic services cost on this machine, so that figures of two machines can be
 * compared. Prints three lines, in nanoseconds, each the least of several runs: a page fault (the
 * first touch of a page of zeros), a system call that does nothing, and a switch from one thread to
 * another that waits for it.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

enum { RUNS = 7, PAGES = 1024, CALLS = 20000, SWITCHES = 2000 };

/* Returns what one of count operations of run costs; 0: it cannot be done. */
static double least(int (*run)(void), int count)
{
	double best = 0;
	for (int i = 0; i < RUNS; i++) {
		uint64_t begin = bench_now();
		if (!run())
			return 0;
		double each = (double)(bench_now() - begin) / count;
		if (i == 0 || each < best)
			best = each;
	}
	return best;
}

static int touch_pages(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = PAGES * page;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 0;
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)memory)[i * page] = 1;
	return munmap(memory, bytes) == 0;
}

static int call_system(void)
{
	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	return 1;
}

/* Two threads that hand a byte to each other. */
static int pipes[2][2];

static void *answer(void *unused)
{
	char byte;
	(void)unused;
	for (int i = 0; i < SWITCHES / 2; i++)
		if (read(pipes[0][0], &byte, 1) != 1 || write(pipes[1][1], &byte, 1) != 1)
			break;
	return NULL;
}

static int switch_threads(void)
{
	pthread_t other;
	char byte = 0;
	int done = 0;
	if (pthread_create(&other, NULL, answer, NULL))
		return 0;
	while (done < SWITCHES / 2 && write(pipes[0][1], &byte, 1) == 1 && read(pipes[1][0], &byte, 1) == 1)
		done++;
	pthread_join(other, NULL);
	return done == SWITCHES / 2;
}

int main(void)
{
	printf("%.1f\n%.1f\n", least(touch_pages, PAGES), least(call_system, CALLS));
	printf("%.1f\n", pipe(pipes[0]) || pipe(pipes[1]) ? 0 : least(switch_threads, SWITCHES));
	return 0;
}
