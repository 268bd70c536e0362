/*
 * Error values: the first message stays, and one that does not fit ends in dots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/error.h"

static void the_first_error_is_kept(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_error_set(&error, VSP_E_IO, "first"), VSP_E_IO);
	assert_int_equal(vsp_error_set(&error, VSP_E_MEMORY, "second"), VSP_E_MEMORY);
	assert_int_equal(error.code, VSP_E_IO);
	assert_string_equal(error.message, "first");
}

/* A message of n times text. */
static vsp_error long_error(const char *text, size_t n)
{
	static char message[4096];
	vsp_error error = VSP_ERROR_INIT;
	message[0] = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(message, text);
	vsp_error_set(&error, VSP_E_IO, "%s", message);
	return error;
}

static void a_message_that_fits_is_whole(void **unused)
{
	(void)unused;
	vsp_error error = long_error("x", sizeof error.message - 1);
	assert_int_equal(strlen(error.message), sizeof error.message - 1);
	assert_null(strchr(error.message, '.'));
}

static void a_longer_one_ends_in_dots(void **unused)
{
	(void)unused;
	vsp_error error = long_error("x", sizeof error.message);
	assert_int_equal(strlen(error.message), sizeof error.message - 1);
	assert_string_equal(error.message + sizeof error.message - 5, "x...");
}

/* Characters of two bytes: the dots stand after a whole one, wherever the cut falls. */
static void characters_are_not_cut(void **unused)
{
	(void)unused;
	char message[1024] = "";
	for (int i = 0; i < 400; i++)
		strcat(message, "\xC3\xA9");
	for (int shift = 0; shift < 2; shift++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_error_set(&error, VSP_E_IO, "%s%s", shift ? "x" : "", message);
		const char *dots = strchr(error.message, '.');
		assert_string_equal(dots, "...");
		assert_int_equal((dots - error.message - shift) % 2, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_error_is_kept),
	        cmocka_unit_test(a_message_that_fits_is_whole),
	        cmocka_unit_test(a_longer_one_ends_in_dots),
	        cmocka_unit_test(characters_are_not_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
