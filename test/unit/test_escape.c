/*
 * Escaping text for messages: examples, and properties of the result for any bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/error.h"
#include "runtime/base/escape.h"

static void check(vsp_escape_form form, const char *text, size_t n, const char *wanted)
{
	char out[256];
	size_t length = vsp_escape(out, sizeof out, text, n, form);
	assert_string_equal(out, wanted);
	assert_int_equal(length, strlen(wanted));
}

static void test_text(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {{"", ""}, {"plain \"text\" \\n", "plain \"text\" \\n"},
	        {"gr\xC3\xB6\xC3\x9F"
	         "e",
	                "gr\xC3\xB6\xC3\x9F"
	                "e"},
	        {"\xE6\x97\xA5", "\xE6\x97\xA5"}, {"\x1B]0;owned\a", "<1B>]0;owned<07>"},
	        {"a\nb\tc\r", "a<0A>b<09>c<0D>"}, {"\x7F", "<7F>"},
	        {"\xC2\x9B"
	         "31m",
	                "<C2><9B>31m"}, /* CSI in one character */
	        {"\xE2\x80\xAE"
	         "x",
	                "<E2><80><AE>x"},                                 /* right to left */
	        {"\xE2\x80\x8B", "<E2><80><8B>"},                         /* no width */
	        {"\xF3\xA0\x81\x81", "<F3><A0><81><81>"},                 /* an invisible tag */
	        {"\xFF\xC0\x80\xED\xA0\x80", "<FF><C0><80><ED><A0><80>"}, /* no UTF-8 */
	        {"\xE2\x80", "<E2><80>"}};                                /* cut off */
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check(VSP_ESCAPE_TEXT, cases[i].text, strlen(cases[i].text), cases[i].shown);
	check(VSP_ESCAPE_TEXT, "a\0b", 3, "a<00>b");
}

static void test_json(void **state)
{
	(void)state;
	check(VSP_ESCAPE_JSON, "a\"b\\c/\n\x1B", 8, "a\\\"b\\\\c/\\u000a\\u001b");
	check(VSP_ESCAPE_JSON, "\x7F\xC2\x9B\xE2\x80\xAE", 6, "\\u007f\\u009b\\u202e");
	check(VSP_ESCAPE_JSON, "\xF3\xA0\x81\x81", 4, "\\udb40\\udc41"); /* U+E0041 in two halves */
	check(VSP_ESCAPE_JSON, "\xFFx\xC3\xB6", 4, "\\ufffdx\xC3\xB6");
}

/* Whatever the bytes: neither controls, nor half a character where the room ends. */
static void test_any_bytes(void **state)
{
	uint32_t seed = 1;
	char text[16], out[40];
	(void)state;
	for (int round = 0; round < 200000 / VSP_TEST_EVERY; round++) {
		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = (char)(seed >> 24);
		}
		size_t size = seed % sizeof out + 1;
		vsp_escape(out, size, text, sizeof text, round & 1 ? VSP_ESCAPE_JSON : VSP_ESCAPE_TEXT);
		size_t n = strlen(out);
		assert_true(n < size);
		for (size_t i = 0; i < n;) {
			vsp_escaped c;
			vsp_escape_char(&c, out + i, n - i, VSP_ESCAPE_TEXT);
			assert_int_equal(c.length, c.bytes); /* escaped text is not escaped again */
			i += c.bytes;
		}
	}
}

/* Hosts print messages, which contain names of programs. */
static void test_messages(void **state)
{
	vsp_error error = VSP_ERROR_INIT;
	char name[600];
	(void)state;
	vsp_error_set(&error, VSP_E_ARGUMENT, "no function '%s'", "f\nvspc: error: \x1B[31m");
	assert_string_equal(error.message, "no function 'f<0A>vspc: error: <1B>[31m'");
	memset(name, '\a', sizeof name);
	name[sizeof name - 1] = 0;
	vsp_error_clear(&error);
	vsp_error_set(&error, VSP_E_ARGUMENT, "%s", name);
	size_t n = strlen(error.message);
	assert_true(n > sizeof error.message - 8 && strcmp(error.message + n - 3, "...") == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_text),
	        cmocka_unit_test(test_json),
	        cmocka_unit_test(test_any_bytes),
	        cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
