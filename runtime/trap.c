/*
 * Traps: how they are raised and placed, and the error made from them; see trap.h.
 */
#include "trap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/error.h"
#include "runtime/base/search.h"

/* ---- raising ---- */

static const vsp_trap_frame missing = {VSP_NO_PC, VSP_NO_PC};

int vsp_rt_fail(vsp_rt *rt, vsp_trap kind, const char *format, ...)
{
	vsp_trap_info *trap = &rt->trap;
	trap->kind = (uint32_t)kind;
	trap->code = 0;
	trap->frames[0] = missing;
	trap->frame_count = 1;
	trap->message[0] = '\0';
	if (format) {
		va_list args;
		va_start(args, format);
		vsnprintf(trap->message, sizeof trap->message, format, args);
		va_end(args);
	}
	return (int)kind;
}

static const char *meaning_of(uint32_t code)
{
	switch (code) {
#define TRAP_CODE(NAME, number, text) \
	case number: return text;
#include "trap_codes.def"
	default: return NULL;
	}
}

void vsp_trap_explicit(vsp_rt *rt, uint32_t code, const char *message)
{
	message = message ? message : meaning_of(code);
	vsp_rt_fail(rt, VSP_TRAP_EXPLICIT, message ? "%s" : NULL, message);
	rt->trap.code = code;
}

/* Said instead of what the kind of trap says in general. */
static const char undeclared[] = "access outside the ranges that the kernel declares";

/* Is it an address that only --check-kernels refuses? */
static bool is_undeclared(const vsp_rt *rt, int64_t ea)
{
	return rt->ranges && ea >= VSP_NULL_ZONE && (uint64_t)ea < rt->memory.size;
}

void vsp_trap_access(vsp_rt *rt, int64_t ea, unsigned bytes)
{
	if (is_undeclared(rt, ea))
		vsp_rt_fail(rt, vsp_access_trap(ea), "%s: address %lld", undeclared, (long long)ea);
	else if (ea == VSP_EA_FARTHEST) /* of a check that a program made by itself */
		vsp_rt_fail(rt, vsp_access_trap(ea), "an access beyond the end of a memory");
	else if (bytes)
		vsp_rt_fail(rt, vsp_access_trap(ea), "%u bytes at address %lld", bytes, (long long)ea);
	else
		vsp_rt_fail(rt, vsp_access_trap(ea), "access at address %lld", (long long)ea);
}

int vsp_trap_undeclared(vsp_rt *rt)
{
	return vsp_rt_fail(rt, VSP_TRAP_OUT_OF_BOUNDS, "%s: on the device; --check-kernels shows where", undeclared);
}

void vsp_trap_becomes_interrupt(vsp_rt *rt)
{
	rt->trap.kind = VSP_TRAP_INTERRUPTED;
	rt->trap.message[0] = '\0';
}

/* ---- places ---- */

/* The outermost place so far. Without frames no trap has been raised. */
static vsp_trap_frame *outermost(vsp_trap_info *trap)
{
	return &trap->frames[trap->frame_count ? trap->frame_count - 1 : 0];
}

void vsp_trap_at(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	vsp_trap_frame *last = outermost(&rt->trap);
	if (last->func == VSP_NO_PC)
		*last = (vsp_trap_frame){pc, func};
	rt->end = VSP_END_TRAPPED;
	rt->end_pc = rt->trap.frames[0].pc;
}

void vsp_trap_add_caller(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	vsp_trap_info *trap = &rt->trap;
	if (trap->frame_count < VSP_TRAP_FRAMES)
		trap->frames[trap->frame_count++] = (vsp_trap_frame){pc, func};
}

int vsp_trap_leave_run(vsp_rt *rt)
{
	if (rt->end != VSP_END_TRAPPED)
		return VSP_RT_EXIT;
	if (outermost(&rt->trap)->func != VSP_NO_PC) /* otherwise that place is still missing, for this run too */
		vsp_trap_add_caller(rt, missing.pc, missing.func);
	return (int)rt->trap.kind;
}

/* Functions are sorted by the address of their code. */
uint32_t vsp_trap_func_at(const vsp_rt *rt, uint32_t pc)
{
	if (pc == VSP_NO_PC)
		return VSP_NO_PC;
	return vsp_last_at_most(&rt->funcs->start, sizeof *rt->funcs, rt->func_count, pc);
}

/* ---- places of machine code ---- */

static vsp_machine_place look_up(const vsp_trap_code *code, const void *machine_pc)
{
	vsp_machine_place place = {.pc = VSP_NO_PC, .func = code->func, .site = VSP_NO_SITE};
	code->find(code->arg, machine_pc, &place);
	return place;
}

/* Adds the place where the machine was stopped, at an access or not. */
static void place_machine(vsp_rt *rt, const void *machine_pc, bool access, const vsp_trap_code *code)
{
	vsp_machine_place place = look_up(code, machine_pc);
	uint32_t pc = access && place.marks ? rt->access_pc : place.pc;
	vsp_trap_at(rt, pc, pc == VSP_NO_PC ? place.func : vsp_trap_func_at(rt, pc));
}

/* Code without a place, or at the start of the function that it calls, only passes a call on. */
static void add_machine_caller(vsp_rt *rt, uint32_t pc)
{
	uint32_t func = vsp_trap_func_at(rt, pc);
	if (pc != VSP_NO_PC && (func != outermost(&rt->trap)->func || pc != rt->funcs[func].start))
		vsp_trap_add_caller(rt, pc, func);
}

/* Removes a missing place, other than the trap's own: the machine's frames know it. */
static bool take_missing(vsp_trap_info *trap)
{
	bool is_missing = trap->frame_count > 1 && outermost(trap)->func == VSP_NO_PC;
	trap->frame_count -= is_missing;
	return is_missing;
}

/*
 * Adds the frames that a trap has left, the innermost first. The place of that one is in the record
 * already, unless it is missing.
 */
static void add_machine_callers(vsp_rt *rt, const vsp_plat_region *region, const vsp_trap_code *code)
{
	bool wanted = take_missing(&rt->trap);
	for (uint32_t i = 0; i < region->frame_count; i++, wanted = true) {
		vsp_machine_place place = look_up(code, region->frames[i]);
		if (wanted)
			add_machine_caller(rt, place.pc);
		for (uint32_t site = place.site; site != VSP_NO_SITE; site = place.sites[site].outer)
			add_machine_caller(rt, place.sites[site].pc);
	}
	/* Some places may be unknown, but this one was certainly there. */
	if (code->pc != VSP_NO_PC && outermost(&rt->trap)->func != code->func)
		vsp_trap_add_caller(rt, code->pc, code->func);
}

void vsp_trap_left_code(vsp_rt *rt, vsp_plat_outcome outcome, const vsp_plat_region *region, const vsp_trap_code *code)
{
	if (outcome == VSP_PLAT_FAULT) {
		vsp_trap_access(rt, (int64_t)((uintptr_t)region->fault - (uintptr_t)rt->memory.base), 0);
		place_machine(rt, region->pc, true, code);
	} else if (outcome == VSP_PLAT_STOPPED) {
		vsp_rt_fail(rt, VSP_TRAP_INTERRUPTED, NULL);
		place_machine(rt, region->pc, false, code);
	}
	if (rt->end == VSP_END_TRAPPED)
		add_machine_callers(rt, region, code);
}

/* ---- text ---- */

const char *vsp_trap_kind_name(uint32_t kind)
{
	static const char *const names[] = {
	        "NONE",
#define TRAP(NAME, text) #NAME,
#include "traps.def"
	};
	static_assert(sizeof names / sizeof *names == VSP_TRAP_BAD_MODE + 1, "traps.def lists what vsp_trap does");
	return kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

const char *vsp_trap_kind_text(uint32_t kind)
{
	static const char *const texts[] = {
	        "no trap",
#define TRAP(NAME, text) text,
#include "traps.def"
	};
	return kind < sizeof texts / sizeof *texts ? texts[kind] : "unknown";
}

static_assert(sizeof((vsp_error){0}.trace) / sizeof(vsp_frame) == VSP_TRAP_FRAMES, "an error has room for all places");

/* The first frame is also the place of the error. */
static void report_frame(const vsp_trap_source *source, vsp_trap_frame at, vsp_error *error)
{
	vsp_source_place place = {.function = "", .file = ""};
	source->find(source->arg, at.pc, at.func, &place);
	if (error->frames == 0) {
		error->pc = at.pc;
		error->line = place.line;
		error->column = place.column;
		snprintf(error->file, sizeof error->file, "%s", place.file);
		snprintf(error->function, sizeof error->function, "%s", place.function);
	}
	vsp_frame *frame = &error->trace[error->frames++];
	frame->pc = at.pc;
	frame->line = place.line;
	snprintf(frame->function, sizeof frame->function, "%s", place.function);
}

/* The meaning of a code is told without what all kinds of codes have in common. */
static bool says_all(const vsp_trap_info *trap)
{
	if (trap->kind == VSP_TRAP_OUT_OF_BOUNDS && strncmp(trap->message, undeclared, sizeof undeclared - 1) == 0)
		return true; /* a program's own message may be the same words */
	const char *meaning = trap->kind == VSP_TRAP_EXPLICIT ? meaning_of(trap->code) : NULL;
	return meaning && strcmp(trap->message, meaning) == 0;
}

void vsp_trap_report(const vsp_rt *rt, const vsp_trap_source *source, vsp_error *error)
{
	const vsp_trap_info *trap = &rt->trap;
	const char *kind = says_all(trap) ? "" : vsp_trap_kind_text(trap->kind);
	vsp_error_clear(error);
	vsp_error_set(error, VSP_TRAPPED, "%s%s%s", kind, *kind && trap->message[0] ? ": " : "", trap->message);
	error->trap = (vsp_trap)trap->kind;
	error->trap_code = trap->code;
	for (uint32_t i = 0; i < trap->frame_count; i++)
		report_frame(source, trap->frames[i], error);
}
