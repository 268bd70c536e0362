/*
 * Tiers under stress: several threads with instances of one module, tiny thresholds, compilation in
 * the background, interrupts from another thread at any moment, and instances that are freed while
 * their code is being compiled. Results must be right; the thread sanitizer, in its configuration,
 * must find nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "runtime/platform/platform.h"

enum { WORKERS = 4, ROUNDS = 25, SUM = 40 * 41 * 42 / 6 };

/* The instance that a worker runs now; the interrupter takes the lock so that it cannot be freed
   meanwhile. */
typedef struct worker {
	vsp_module *module;
	vsp_plat_mutex *lock;
	vsp_instance *running;
	bool done;
	unsigned number, interrupted;
	const char *failure;
} worker;

/* Loops, recursion and a callback: 1 + (1+2) + (1+2+3) + ... */
static const char source[] = ".import t.add(2) -> 1\n"
                             ".func main() -> 0\n"
                             "	MOVI R2, 40\n"
                             "	MOVI R3, 0\n"
                             "again:	MOV R0, R2\n"
                             "	INVOKE sum\n"
                             "	MOV R1, R3\n"
                             "	HCALL t.add\n"
                             "	MOV R3, R0\n"
                             "	ADDI R2, R2, -1\n"
                             "	BNZ R2, again\n"
                             "	MOV R0, R3\n"
                             "	HLT\n"
                             ".end\n"
                             ".func sum(1) -> 1\n"
                             "	BZ R0, zero\n"
                             "	MOV R1, R0\n"
                             "	ADDI R0, R0, -1\n"
                             "	INVOKE sum\n"
                             "	ADD R0, R0, R1\n"
                             "zero:	RET\n"
                             ".end\n"
                             ".func twice(1) -> 1\n"
                             "	ADD R0, R0, R0\n"
                             "	RET\n"
                             ".end\n"
                             ".export twice\n";

/* Adds, by way of a call back into the program. */
static int add(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	int64_t doubled = 0;
	vsp_status status = vsp_call(caller->instance, "twice", args, &doubled, NULL);
	results[0] = doubled - args[0] + args[1];
	return status;
}

static vsp_instance *instantiate(const worker *w, unsigned round)
{
	static const int tiers[] = {VSP_TIER_AUTO, VSP_TIER_AUTO, VSP_TIER_1, VSP_TIER_2};
	vsp_config config = VSP_CONFIG_INIT;
	unsigned way = round + w->number;
	config.tier = tiers[way % 4];
	config.sync_compile = way % 5 == 0;
	config.tier1_threshold = 1 + way % 3;
	config.tier2_threshold = 2 + way % 7;
	config.bounds = way & 8 ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_AUTO;
	vsp_instance *instance = vsp_instantiate(w->module, &config, NULL);
	if (instance && vsp_define_import(instance, "t.add", 2, 1, add, NULL, NULL) != VSP_OK) {
		vsp_free(instance);
		return NULL;
	}
	return instance;
}

static void set_running(worker *w, vsp_instance *instance)
{
	vsp_plat_mutex_lock(w->lock);
	w->running = instance;
	vsp_plat_mutex_unlock(w->lock);
}

/* Runs until a run was not interrupted; the error in its result, or null. */
static const char *run_to_the_end(worker *w, vsp_instance *instance)
{
	for (unsigned attempt = 0; attempt < 100; attempt++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_state_view state = VSP_STATE_INIT;
		vsp_status status = vsp_run(instance, &error);
		if (status == VSP_OK)
			return vsp_state(instance, &state) == VSP_OK && state.r[0] == SUM ? NULL : "a wrong sum";
		bool interrupted =
		        error.trap == VSP_TRAP_INTERRUPTED || error.trap == VSP_TRAP_HOST; /* in the callback */
		if (status != VSP_TRAPPED || !interrupted)
			return "a run failed";
		w->interrupted++;
		if (vsp_reset(instance, &error) != VSP_OK)
			return "no reset after an interrupt";
	}
	return "interrupted again and again";
}

static void work(void *opaque)
{
	worker *w = opaque;
	for (unsigned round = 0; round < ROUNDS && !w->failure; round++) {
		vsp_instance *instance = instantiate(w, round);
		if (!instance) {
			w->failure = "no instance";
			break;
		}
		set_running(w, instance);
		w->failure = run_to_the_end(w, instance);
		set_running(w, NULL);
		vsp_free(instance);
	}
	vsp_plat_mutex_lock(w->lock);
	w->done = true;
	vsp_plat_mutex_unlock(w->lock);
}

/* Interrupts each worker's instance in turn, until all workers are done. */
static void interrupt_all(void *opaque)
{
	worker *workers = opaque;
	for (unsigned done = 0, turn = 0; done < WORKERS; turn++) {
		worker *w = &workers[turn % WORKERS];
		done = turn % WORKERS ? done : 0;
		vsp_plat_mutex_lock(w->lock);
		done += w->done;
		if (w->running && turn % 3 == 0)
			vsp_interrupt(w->running);
		if (!w->done)
			vsp_plat_mutex_wait(w->lock, 3000000); /* 3 ms */
		vsp_plat_mutex_unlock(w->lock);
	}
}

static void threads_share_a_module_while_it_is_compiled(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	worker workers[WORKERS] = {0};
	vsp_plat_thread *threads[WORKERS], *interrupter;
	assert_non_null(module);
	for (unsigned i = 0; i < WORKERS; i++)
		workers[i] = (worker){.module = module, .lock = vsp_plat_mutex_create(), .number = i};
	for (unsigned i = 0; i < WORKERS; i++)
		threads[i] = vsp_plat_thread_start(work, &workers[i]);
	interrupter = vsp_plat_thread_start(interrupt_all, workers);
	for (unsigned i = 0; i < WORKERS; i++)
		vsp_plat_thread_join(threads[i]);
	vsp_plat_thread_join(interrupter);
	for (unsigned i = 0; i < WORKERS; i++) {
		if (workers[i].failure)
			fail_msg("worker %u: %s", i, workers[i].failure);
		vsp_plat_mutex_destroy(workers[i].lock);
	}
	vsp_module_free(module);
}

/* ---- an instance that changes threads ---- */

typedef struct traveller {
	vsp_instance *instance;
	atomic_bool arrived;
	const char *failure;
} traveller;

/* One call on this thread; an interrupt may end it. */
static void stay(void *opaque)
{
	static const int64_t rounds = 20000;
	traveller *t = opaque;
	vsp_error error = VSP_ERROR_INIT;
	vsp_status status = vsp_call(t->instance, "count", &rounds, NULL, &error);
	bool interrupted = status == VSP_TRAPPED && error.trap == VSP_TRAP_INTERRUPTED;
	if (status != VSP_OK && !interrupted)
		t->failure = "a call failed";
	else if (vsp_reset(t->instance, &error) != VSP_OK)
		t->failure = "no reset";
}

static void interrupt_until_arrived(void *opaque)
{
	traveller *t = opaque;
	while (!atomic_load(&t->arrived))
		vsp_interrupt(t->instance);
}

/* The stopper of an instance's loops belongs to a thread, and changes with it while others are
   about to use it. */
static void an_interrupt_meets_a_change_of_threads(void **unused)
{
	(void)unused;
	static const char counts[] = ".export count\n.func main() -> 0\nRET\n.end\n"
	                             ".func count(1) -> 0\nloop: ADDI R0, R0, -1\nBNZ R0, loop\nRET\n.end\n";
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_1;
	config.sync_compile = 1;
	vsp_module *module = vsp_assemble(counts, strlen(counts), NULL, &error);
	traveller t = {.instance = vsp_instantiate(module, &config, &error)};
	vsp_plat_thread *interrupter = vsp_plat_thread_start(interrupt_until_arrived, &t);
	assert_non_null(t.instance);
	for (int i = 0; i < 300 && !t.failure; i++) {
		vsp_plat_thread *other = vsp_plat_thread_start(stay, &t);
		vsp_plat_thread_join(other);
		stay(&t);
	}
	atomic_store(&t.arrived, true);
	vsp_plat_thread_join(interrupter);
	if (t.failure)
		fail_msg("%s", t.failure);
	vsp_free(t.instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(threads_share_a_module_while_it_is_compiled),
	        cmocka_unit_test(an_interrupt_meets_a_change_of_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
