/* Hosts that leave main at several moments, each in a process of its own. */
#ifndef VSP_TEST_LEAVING_HOST_H
#define VSP_TEST_LEAVING_HOST_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vsp/vsp.h>

/*
 * Calls leave(module, n), which returns the status to exit with, in processes with n = 0, step, 2
 * steps ..., and frees the module. 0: all of them ended with 0; main's status.
 */
static inline int leave_at_moments(
        vsp_module *module, int (*leave)(vsp_module *module, unsigned n), unsigned processes, unsigned step)
{
	for (unsigned i = 0; i < processes; i++) {
		pid_t child = fork();
		if (child == 0)
			exit(leave(module, i * step));
		int status = 0;
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
			printf("process %u ended with status 0x%x\n", i, (unsigned)status);
			return 1;
		}
	}
	vsp_module_free(module);
	return 0;
}

#endif
