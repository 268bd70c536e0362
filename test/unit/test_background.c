/*
 * Work beside the program (tiers/background.h): it is done once, in the order of the requests, only
 * while the processor is idle, and nothing of it after it was taken back or its owner has gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "runtime/platform/platform.h"
#include "tiers/background.h"
#include "tiers/effort.h"

enum { ITEMS = 8 };

static atomic_bool idle;
static _Atomic uint32_t questions; /* whether the processor is idle */
static bool is_idle(void *arg)
{
	(void)arg;
	atomic_fetch_add(&questions, 1);
	return atomic_load(&idle);
}

typedef struct diary {
	_Atomic uint32_t count, items[2 * ITEMS];
	_Atomic uint32_t stopped; /* how often work has seen that nobody waits for it */
	bool lasts;               /* until nobody waits for it */
} diary;

static void work(void *arg, uint32_t item, const _Atomic uint32_t *stop)
{
	diary *d = arg;
	atomic_store(&d->items[atomic_load(&d->count)], item);
	atomic_fetch_add(&d->count, 1);
	while (d->lasts && !atomic_load(stop))
		vsp_plat_processor_is_idle();
	atomic_fetch_add(&d->stopped, atomic_load(stop));
}

static vsp_background *start(diary *d, bool at_once)
{
	atomic_store(&idle, at_once);
	vsp_background *b = vsp_background_create(ITEMS, work, d, is_idle);
	assert_non_null(b);
	return b;
}

/* False where there are no threads. */
static bool ask(vsp_background *b, uint32_t item)
{
	bool asked = vsp_background_ask(b, item);
	assert_int_equal(asked, vsp_background_has_thread(b));
	return asked;
}

static void await(const diary *d, uint32_t count)
{
	while (atomic_load(&d->count) < count)
		vsp_plat_processor_is_idle();
}

static void requests_are_done_once_in_their_order(void **state)
{
	static const uint32_t order[] = {3, 0, 7, 5};
	diary d = {0};
	vsp_background *b = start(&d, false);
	(void)state;
	for (int twice = 0; twice < 2; twice++)
		for (unsigned i = 0; i < 4; i++)
			if (!ask(b, order[i])) {
				vsp_background_destroy(b);
				skip();
			}
	atomic_store(&idle, true);
	await(&d, 4);
	ask(b, 3);
	await(&d, 5);
	vsp_background_destroy(b);
	assert_int_equal(atomic_load(&d.count), 5);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(atomic_load(&d.items[i]), order[i]);
	assert_int_equal(atomic_load(&d.items[4]), 3);
}

static void what_is_taken_back_is_not_done(void **state)
{
	diary d = {0};
	vsp_background *b = start(&d, false);
	(void)state;
	assert_true(vsp_background_withdraw(b, 2));
	if (!ask(b, 1)) {
		vsp_background_destroy(b);
		skip();
	}
	ask(b, 2);
	ask(b, 4);
	assert_true(vsp_background_withdraw(b, 2));
	assert_true(vsp_background_withdraw(b, 1));
	ask(b, 1); /* keeps its place */
	atomic_store(&idle, true);
	await(&d, 2);
	vsp_background_destroy(b);
	assert_int_equal(atomic_load(&d.count), 2);
	assert_int_equal(atomic_load(&d.items[0]), 1);
	assert_int_equal(atomic_load(&d.items[1]), 4);
}

static void nothing_is_done_on_a_busy_processor(void **state)
{
	diary d = {0};
	vsp_background *b = start(&d, false);
	(void)state;
	atomic_store(&questions, 0);
	bool asked = ask(b, 1);
	while (asked && atomic_load(&questions) < 2 && !atomic_load(&d.count))
		vsp_plat_processor_is_idle();
	vsp_background_destroy(b);
	assert_int_equal(atomic_load(&d.count), 0);
}

static void the_end_stops_work_and_waits_for_it(void **state)
{
	diary d = {.lasts = true};
	vsp_background *b = start(&d, true);
	(void)state;
	if (!ask(b, 1)) {
		vsp_background_destroy(b);
		skip();
	}
	ask(b, 6);
	await(&d, 1);
	assert_false(vsp_background_withdraw(b, 1));
	vsp_background_destroy(b);
	assert_int_equal(atomic_load(&d.count), 1);
	assert_int_equal(atomic_load(&d.stopped), 1);
}

static void effort_is_a_share_of_the_time_so_far(void **state)
{
	vsp_effort e = {.start = 1000, .free = 10};
	(void)state;
	assert_true(vsp_effort_allows(&e, 1000, 10, 4));
	assert_false(vsp_effort_allows(&e, 1000, 11, 4));
	assert_true(vsp_effort_allows(&e, 1400, 110, 4));
	e.spent = 60;
	assert_true(vsp_effort_allows(&e, 1400, 50, 4));
	assert_false(vsp_effort_allows(&e, 1400, 51, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(requests_are_done_once_in_their_order),
	        cmocka_unit_test(what_is_taken_back_is_not_done),
	        cmocka_unit_test(nothing_is_done_on_a_busy_processor),
	        cmocka_unit_test(the_end_stops_work_and_waits_for_it),
	        cmocka_unit_test(effort_is_a_share_of_the_time_so_far),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
