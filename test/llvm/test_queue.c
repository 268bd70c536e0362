/*
 * The queue of units: the compile thread takes jobs that are still requested, tier 1 before tier 2,
 * those with most requests, and callers before functions that are inlined into them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "test/support/instances.h"
#include "tiers/api/api.h"
#include "tiers/effort.h"
#include "tiers/manager/parts.h"

/* long calls small, which is inlined into it; short calls large, which has more code than its
   caller. */
static const char source[] =
        ".func main() -> 0\nHLT\n.end\n"
        ".func small(1) -> 1\nADD R0, R0\nRET\n.end\n"
        ".func long(1) -> 1\nADD R0, R0\nADD R0, R0\nADD R0, R0\nINVOKE small\nRET\n.end\n"
        ".func large(1) -> 1\nADD R0, R0\nADD R0, R0\nADD R0, R0\nADD R0, R0\nADD R0, R0\nRET\n.end\n"
        ".func short(1) -> 1\nINVOKE large\nRET\n.end\n";
enum { MAIN, SMALL, LONG, LARGE, SHORT, FUNCS };

/* An instance whose queue the test fills; no compile thread takes part. */
typedef struct queue {
	vsp_instance *instance;
	vsp_manager *manager;
	vsp_manager_unit units[FUNCS];
	vsp_manager_job jobs[FUNCS];
} queue;

static int open_queue(void **state)
{
	static queue q;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_module *module = assemble(source);
	q = (queue){.instance = instantiate_with(module, &config)};
	vsp_module_free(module);
	q.manager = q.instance->manager;
	*state = &q;
	return 0;
}

static int close_queue(void **state)
{
	queue *q = *state;
	assert_null(q->manager->first);
	assert_ptr_equal(q->manager->last, &q->manager->first);
	vsp_free(q->instance);
	return 0;
}

/* Appends a job whose unit has asked so often, the last time so many asks of all units ago. */
static void add(queue *q, uint32_t func, int tier, uint32_t asked, uint32_t ago)
{
	vsp_manager *m = q->manager;
	m->asks = 1000;
	q->units[func] = (vsp_manager_unit){
	        .func = func, .pc = m->module->funcs[func].start, .asked = asked, .last_asked = 1000 - ago};
	q->jobs[func] = (vsp_manager_job){.unit = &q->units[func], .tier = tier};
	vsp_manager_append(m, &q->jobs[func]);
}

static void takes(queue *q, uint32_t func)
{
	vsp_plat_mutex_lock(q->manager->lock);
	vsp_manager_job *j = vsp_manager_take_job(q->manager);
	vsp_plat_mutex_unlock(q->manager->lock);
	assert_non_null(j);
	assert_int_equal(j->unit->func, func);
}

static void what_nobody_asks_for_any_more_waits(void **state)
{
	add(*state, MAIN, 2, 900, 500);
	add(*state, SMALL, 2, 10, 1);
	add(*state, LARGE, 2, 20, 400);
	takes(*state, SMALL);
	takes(*state, MAIN);
	takes(*state, LARGE);
}

static void tier_1_comes_first_then_what_asks_most(void **state)
{
	add(*state, MAIN, 2, 50, 3);
	add(*state, SMALL, 2, 60, 2);
	add(*state, LARGE, 1, 10, 1);
	takes(*state, LARGE);
	takes(*state, SMALL);
	takes(*state, MAIN);
}

static void a_callee_waits_for_the_code_that_it_becomes_part_of(void **state)
{
	add(*state, SMALL, 2, 90, 1);
	add(*state, LONG, 2, 10, 1);
	takes(*state, LONG);
	takes(*state, SMALL);
}

static void a_caller_waits_for_the_callee_that_has_more_code(void **state)
{
	add(*state, SHORT, 2, 90, 1);
	add(*state, LARGE, 2, 10, 1);
	takes(*state, LARGE);
	takes(*state, SHORT);
}

static void a_start_comes_before_a_loop_that_asks_as_often(void **state)
{
	queue *q = *state;
	add(q, LARGE, 2, 0, 1);
	q->units[LARGE].pc++; /* a loop head in it */
	add(q, MAIN, 2, 0, 1);
	takes(q, MAIN);
	takes(q, LARGE);
}

static void a_thread_that_is_to_stop_gets_no_job(void **state)
{
	queue *q = *state;
	add(q, MAIN, 2, 9, 1);
	add(q, LONG, 2, 9, 1);
	vsp_plat_mutex_lock(q->manager->lock);
	q->manager->stop = true;
	assert_null(vsp_manager_take_job(q->manager));
	q->manager->stop = false;
	vsp_plat_mutex_unlock(q->manager->lock);
	takes(q, MAIN);
	takes(q, LONG);
}

static void an_empty_queue_has_no_job(void **state)
{
	queue *q = *state;
	vsp_plat_mutex_lock(q->manager->lock);
	assert_null(vsp_manager_take_job(q->manager));
	vsp_plat_mutex_unlock(q->manager->lock);
}

/* As many as the loops of a function may be: with a walk for each along the others this takes
   minutes. */
static void units_are_found_among_very_many(void **state)
{
	enum { MANY = 200000 };
	vsp_manager *m = ((queue *)*state)->manager;
	vsp_manager_unit *first = vsp_manager_find_unit(m, LONG, 0), *u = first;
	for (uint32_t pc = 1; pc < MANY; pc++) {
		u = vsp_manager_find_unit(m, LONG, pc);
		assert_non_null(u);
		assert_int_equal(u->pc, pc);
	}
	for (uint32_t pc = MANY; pc > 0; pc--, u = u->next)
		assert_ptr_equal(vsp_manager_find_unit(m, LONG, pc - 1), u);
	assert_ptr_not_equal(vsp_manager_find_unit(m, SHORT, 0), first);
}

static void what_a_unit_has_asked_is_settled_when_its_function_rises(void **state)
{
	vsp_manager *m = ((queue *)*state)->manager;
	vsp_manager_unit *start = vsp_manager_find_unit(m, LONG, 1), *loop = vsp_manager_find_unit(m, LONG, 2);
	vsp_manager_unit *other = vsp_manager_find_unit(m, SHORT, 3);
	for (int i = 0; i < 5; i++)
		vsp_manager_count_ask(m, loop);
	vsp_manager_count_ask(m, start);
	vsp_manager_count_ask(m, other);
	assert_int_equal(vsp_manager_asked(m, loop), 5);
	vsp_manager_settle_asks(m, LONG);
	assert_int_equal(vsp_manager_asked(m, start), 0);
	vsp_manager_count_ask(m, loop);
	assert_int_equal(vsp_manager_asked(m, loop), 1);
	assert_int_equal(vsp_manager_asked(m, start), 0);
	assert_int_equal(vsp_manager_asked(m, other), 1);
}

/* May the compiler's thread begin, so many microseconds after the first request? */
static bool begins_after(vsp_manager *m, uint64_t us)
{
	atomic_store(&m->began, vsp_plat_clock_ns() - us * 1000);
	return vsp_manager_may_begin(m);
}

/* Tries again where the machine was away for so long that the compiler may begin at all events. */
static bool waits_soon_after(vsp_manager *m)
{
	for (int i = 0; i < 1000; i++)
		if (!begins_after(m, KNOB_BEGIN_US))
			return true;
	return false;
}

static void the_compiler_begins_when_little_baseline_code_is_waited_for(void **state)
{
	vsp_instance *instance = ((queue *)*state)->instance;
	vsp_manager *m = ((queue *)*state)->manager;
	assert_true(m->weighs);
	atomic_store(&instance->beside.waiting_ns, UINT64_C(1000) * KNOB_BASELINE_MUCH_US);
	assert_true(begins_after(m, KNOB_BEGIN_US));
	atomic_fetch_add(&instance->beside.waiting_ns, 1);
	assert_true(waits_soon_after(m));
	assert_true(begins_after(m, KNOB_BASELINE_FIRST_US));
	atomic_store(&instance->beside.waiting_ns, 0);
	assert_true(begins_after(m, KNOB_BEGIN_US));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_queue, close_queue)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_nobody_asks_for_any_more_waits),
	        TEST(tier_1_comes_first_then_what_asks_most),
	        TEST(a_callee_waits_for_the_code_that_it_becomes_part_of),
	        TEST(a_caller_waits_for_the_callee_that_has_more_code),
	        TEST(a_start_comes_before_a_loop_that_asks_as_often),
	        TEST(a_thread_that_is_to_stop_gets_no_job),
	        TEST(units_are_found_among_very_many),
	        TEST(what_a_unit_has_asked_is_settled_when_its_function_rises),
	        TEST(an_empty_queue_has_no_job),
	        TEST(the_compiler_begins_when_little_baseline_code_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
