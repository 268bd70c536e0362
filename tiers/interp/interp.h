/*
 * Tier 0, the interpreter: it executes the functions of one module in one instance.
 *
 * vsp_code belongs to a module: functions are decoded into it on their first call, and threads
 * share it. vsp_exec belongs to an instance: it has frames, counters and the place of a stepped
 * run. The owner of the instance (the public API) fills vsp_rt (memory with the data segment, mode,
 * imports, limits), and then runs, calls or steps. The end of a run is recorded in rt->end, end_pc,
 * exit_code, trap, r, flags and sp; the vsp_error has only what belongs to a status.
 */
#ifndef VSP_TIERS_INTERP_H
#define VSP_TIERS_INTERP_H

#include "tiers/compiler.h"
#include "ir/module.h"

/* ---- code of a module ---- */

typedef struct vsp_code vsp_code;

/* The interpreter's loop, with the dispatch targets of its cells (exec.h). */
typedef struct vsp_loop vsp_loop;
extern const vsp_loop vsp_exec_loop;

/*
 * Creates code in which nothing is decoded yet; functions will be decoded for loop. m must outlive
 * it. Null: out of memory.
 */
vsp_code *vsp_code_create(const vsp_module_data *m, const vsp_loop *loop);
void vsp_code_destroy(vsp_code *code);

/* ---- execution in an instance ---- */

typedef struct vsp_exec vsp_exec;

typedef struct vsp_exec_options {
	bool count;                    /* count instructions, see vsp_exec_instructions; rt->fuel_on implies it */
	bool profile;                  /* count calls and loops, see vsp_exec_counts; a compiler implies it */
	bool no_fusion;                /* one cell for each instruction; for tests */
	struct vsp_faster *faster;     /* null: all code of tier 0 is cells (faster.h). Not owned */
	struct vsp_compiler *compiler; /* null: everything stays in tier 0. Not owned */
	/*
	 * Where functions are tallied, and when. tally: all functions but kernels; sample: samples
	 * of hot functions that wait for the compiler. Null: no tallies. Not owned.
	 */
	struct vsp_profile *tally, *sample;
} vsp_exec_options;

/*
 * Creates the interpreter of the instance whose state is rt. rt->memory exists, and does not change
 * whether it is guarded; rt->fuel_on is final. Sets rt->run_function, and rt->max_depth if it is 0.
 * options may be null. rt, code and the compilers must outlive it. Null: out of memory.
 */
vsp_exec *vsp_exec_create(vsp_rt *rt, vsp_code *code, const vsp_exec_options *options);
void vsp_exec_destroy(vsp_exec *x);

/*
 * Runs from the module's entry to the end, or continues where vsp_exec_step stopped. Returns VSP_OK
 * (rt->end is RETURNED, HALTED or EXITED), VSP_TRAPPED, or VSP_E_MEMORY (no memory for a frame).
 */
vsp_status vsp_exec_run(vsp_exec *x, vsp_error *error);

/*
 * Calls function f (a valid index, of any kind) with its parameters from args; results are written
 * when it returns. Transforms take and return 16 values, kernels take 2. Returns VSP_OK, VSP_HALTED
 * (HLT or exit ended it, and results are untouched), VSP_TRAPPED or VSP_E_MEMORY. May be called
 * from host callbacks of a run: then it counts in the depth, and SP has its old value again when it
 * returns. After HLT or a trap of an outermost call SP is as shown.
 */
vsp_status vsp_exec_call(vsp_exec *x, uint32_t f, const int64_t *args, int64_t *results, vsp_error *error);

/*
 * The parts of an outermost call that enters compiled code at once. open makes the base activation
 * of function f and returns its registers, which the code takes over. After its RET close records
 * the end. When the run has ended otherwise, or may have been interrupted, fail decides what it
 * was: VSP_OK, VSP_HALTED or VSP_TRAPPED with the error; returned: by RET. The caller enters and
 * leaves the program's environment (vsp_rt_enter), and restores SP after a RET.
 */
uint64_t *vsp_exec_open_call(vsp_exec *x, uint32_t f, const int64_t *args);
void vsp_exec_close_call(vsp_exec *x);
/*
 * The whole of such a call of a function that can only end by its RET (ir/short.h): enters code
 * with params values from args. Returns the registers, where the results are. May be followed by
 * fail.
 */
const uint64_t *vsp_exec_call_short(vsp_exec *x, vsp_entry_fn code, unsigned params, const int64_t *args);
vsp_status vsp_exec_fail_call(vsp_exec *x, bool returned, vsp_error *error);

/*
 * Brings the registers of the state shown to rt->r, where others find them. To be called before
 * they are read outside of a run. x may be null.
 */
void vsp_exec_show(vsp_exec *x);

/*
 * Executes one instruction; the first call starts at the entry. Returns VSP_OK: there is more,
 * VSP_HALTED: the program ended (see rt->end), VSP_TRAPPED or VSP_E_MEMORY. After each step rt->r,
 * flags, sp and end_pc (the next instruction) show the active activation.
 */
vsp_status vsp_exec_step(vsp_exec *x, vsp_error *error);

/*
 * Forgets a stepped run, pending frames and the counted instructions. Memory, SP and mode are left
 * to the owner. Not while running.
 */
void vsp_exec_reset(vsp_exec *x);

/*
 * Makes the current run, or otherwise the next one, trap INTERRUPTED soon. From any thread or
 * signal handler.
 */
void vsp_exec_interrupt(vsp_exec *x);

/*
 * The number of bytecode instructions executed since creation or reset; 0 when they are not
 * counted. An instruction that traps counts as executed, but FUEL and INTERRUPTED stop before an
 * instruction.
 */
uint64_t vsp_exec_instructions(const vsp_exec *x);

/* The entries and loop iterations of function f that tier 0 has counted; 0 when not profiled. */
void vsp_exec_counts(const vsp_exec *x, uint32_t f, uint64_t *calls, uint64_t *loops);

/* The name of the kind of dispatch in this build: "tail", "goto" or "switch". */
const char *vsp_exec_dispatch(void);

#endif
