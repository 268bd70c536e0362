/*
 * The system that test_platform.c runs macOS's platform layer against: what its calls were given,
 * and what they give back.
 */
#ifndef VSP_TEST_MACOS_SYSTEM_H
#define VSP_TEST_MACOS_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* What calls were given. */
extern struct macos_given {
	int64_t wait_s, wait_ns; /* a wait for a condition, relative to now */
	bool waited_for_ever;
	const void *flushed; /* code that processors must read anew */
	uint64_t flushed_size;
	char question[64]; /* to sysctlbyname */
	const void *mapped;
	uint64_t mapped_size;
	int protection, flags; /* of the mapping */
} macos_given;

/* What they give back. */
extern struct macos_gives {
	bool in_time;
	const char *stack_top;
	uint64_t stack_size;
	int64_t peak_bytes;
	int64_t accessed_s, accessed_ns, modified_s, modified_ns, changed_s, changed_ns; /* of every file */
	int64_t file_size;
	bool regular;
	int answer; /* of sysctlbyname; below 0: it knows no such name */
} macos_gives;

/* vsp_posix_stat_times of such a file. */
void macos_stat_times(uint64_t *accessed_ns, uint64_t *modified_ns, uint64_t *changed_ns);

#endif
