/*
 * Back traces of protected calls on Linux: from the registers at a place through all frames up to
 * the frame where the call was entered. Unwind tables come from the loaded objects, or from
 * region->find_unwind for generated code. Nothing here allocates.
 */
#include "backtrace.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <link.h>
#include <string.h>
#include <ucontext.h>

#include "unwind.h"

enum { STEPS = 256 }; /* of frames, including the runtime's own and callers' without a place */

#if defined(__x86_64__)

enum { RBX = 3, RBP = 6, RSP = 7, R8 = 8 };

/* Reads the caller's registers, in one statement so that they belong together. */
static inline void read_registers(vsp_unwind_state *s)
{
	s->sp = RSP;
	__asm__ volatile("movq %%rbx, 24(%0)\n\t"
	                 "movq %%rbp, 48(%0)\n\t"
	                 "movq %%rsp, 56(%0)\n\t"
	                 "movq %%r12, 96(%0)\n\t"
	                 "movq %%r13, 104(%0)\n\t"
	                 "movq %%r14, 112(%0)\n\t"
	                 "movq %%r15, 120(%0)\n\t"
	                 "leaq 0f(%%rip), %%rax\n\t"
	                 "movq %%rax, (%1)\n\t"
	                 "0:"
	        :
	        : "r"(s->reg), "r"(&s->pc)
	        : "rax", "memory");
}

static void read_context(vsp_unwind_state *s, const ucontext_t *u)
{
	static const uint8_t order[16] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
	        REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
	for (unsigned r = 0; r < 16; r++)
		s->reg[r] = (uintptr_t)u->uc_mcontext.gregs[order[r]];
	s->pc = (uintptr_t)u->uc_mcontext.gregs[REG_RIP];
	s->sp = RSP;
}

#else

enum { SP = 31 };

static inline void read_registers(vsp_unwind_state *s)
{
	s->sp = SP;
	__asm__ volatile("stp x19, x20, [%0, #152]\n\t"
	                 "stp x21, x22, [%0, #168]\n\t"
	                 "stp x23, x24, [%0, #184]\n\t"
	                 "stp x25, x26, [%0, #200]\n\t"
	                 "stp x27, x28, [%0, #216]\n\t"
	                 "stp x29, x30, [%0, #232]\n\t"
	                 "mov x9, sp\n\t"
	                 "str x9, [%0, #248]\n\t"
	                 "adr x9, 0f\n\t"
	                 "str x9, [%1]\n\t"
	                 "0:"
	        :
	        : "r"(s->reg), "r"(&s->pc)
	        : "x9", "memory");
}

static void read_context(vsp_unwind_state *s, const ucontext_t *u)
{
	for (unsigned r = 0; r < SP; r++)
		s->reg[r] = (uintptr_t)u->uc_mcontext.regs[r];
	s->reg[SP] = (uintptr_t)u->uc_mcontext.sp;
	s->pc = (uintptr_t)u->uc_mcontext.pc;
	s->sp = SP;
}

#endif

/* A search among the loaded objects, with its result. */
typedef struct object {
	uintptr_t pc, start, size; /* start, size: of the segment that contains pc */
	const uint8_t *header;     /* the search table of its object, or null */
} object;

static int look_at(struct dl_phdr_info *info, size_t size, void *opaque)
{
	object *o = opaque;
	const uint8_t *header = NULL;
	(void)size;
	o->size = 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + p->p_vaddr;
		if (p->p_type == PT_GNU_EH_FRAME)
			header = (const uint8_t *)start;
		if (p->p_type == PT_LOAD && o->pc - start < p->p_memsz) {
			o->start = start;
			o->size = p->p_memsz;
		}
	}
	o->header = o->size ? header : NULL;
	return o->size != 0;
}

/* The unwind entry for pc; o remembers where the last one was found. */
static const uint8_t *find_entry(const vsp_plat_region *region, object *o, uintptr_t pc)
{
	if (region->find_unwind && pc - (uintptr_t)region->code < region->code_size)
		return region->find_unwind(region->find_arg, (const void *)pc);
	o->pc = pc;
	if (pc - o->start >= o->size)
		dl_iterate_phdr(look_at, o);
	return o->header ? vsp_unwind_find(o->header, pc) : NULL;
}

static void walk(vsp_plat_region *region, vsp_unwind_state *s)
{
	object o = {0};
	uintptr_t limit = (uintptr_t)region->frame;
	for (unsigned step = 0; step < STEPS && region->frame_count < VSP_PLAT_FRAMES; step++) {
		uintptr_t pc = s->pc - s->after_call;
		if (pc - (uintptr_t)region->code < region->code_size)
			region->frames[region->frame_count++] = (const void *)pc;
		const uint8_t *entry = find_entry(region, &o, pc);
		if (!entry || !vsp_unwind_step(s, entry, limit) || s->reg[s->sp] >= limit)
			return;
	}
}

void vsp_backtrace_here(vsp_plat_region *region)
{
	vsp_unwind_state s = {.after_call = 0};
	region->frame_count = 0;
	if (!region->code_size)
		return;
	read_registers(&s);
	walk(region, &s);
}

void vsp_backtrace_signal(vsp_plat_region *region, const void *context)
{
	vsp_unwind_state s = {.after_call = 0};
	region->frame_count = 0;
	if (!region->code_size)
		return;
	read_context(&s, context);
	walk(region, &s);
}

#else

void vsp_backtrace_here(vsp_plat_region *region) { region->frame_count = 0; }

void vsp_backtrace_signal(vsp_plat_region *region, const void *context)
{
	(void)context;
	region->frame_count = 0;
}

#endif
