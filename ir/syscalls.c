/*
 * The table of SYSCALLs as data. It is here and not in the runtime because only code that examines
 * instructions needs it.
 */
#include "module.h"

enum {
	CAP_NONE,
	CAP_STDIO = VSP_CAP_STDIO,
	CAP_ARGS = VSP_CAP_ARGS,
	CAP_CLOCK = VSP_CAP_CLOCK,
	CAP_RANDOM = VSP_CAP_RANDOM
};

static const vsp_syscall_info syscalls[256] = {
#define SYSCALL(NAME, number, r, w, f, cap, text) \
	[number] = {.name = #NAME, .reads = (r), .writes = (w), .id = (number), .flags = (f), .capability = CAP_##cap},
#include "runtime/syscalls.def"
};

const vsp_syscall_info *vsp_syscall_find(int64_t imm)
{
	return imm >= 0 && imm < 256 && syscalls[imm].name ? &syscalls[imm] : NULL;
}
