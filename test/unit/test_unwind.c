/*
 * The unwinder on tables that are written here, instruction by instruction of DWARF 4, section
 * 6.4.2, with what each does to the frame of a made-up function; and on tables that it must refuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/platform/unwind.h"

enum { WORD = sizeof(uintptr_t), FACTOR = 0x80 - WORD, SP = 7, BASE = 6, SAVED = 3, OTHER = 5, RETURN = 16 };
enum { ABSOLUTE = 0x00, UDATA4 = 0x03, SDATA4 = 0x0B, SDATA8 = 0x0C, PCREL = 0x10, DATAREL = 0x30, SIZE = 100000 };

/* The function's code need not exist; its address must be one that every encoding has. */
#define START ((uintptr_t)0x10000)

/* ---- tables ---- */

static uint8_t section[512];
static size_t used;

static void put(uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		section[used++] = (uint8_t)(value >> 8 * i);
}

static void put_bytes(const char *bytes, size_t count)
{
	memcpy(section + used, bytes, count);
	used += count;
}

/* The length of the record that begins at start. */
static void close_record(size_t start)
{
	size_t end = used;
	used = start;
	put(end - start - 4, 4);
	used = end;
}

/* At the function's start the frame's address is a word above SP, and the word below it is the
   return address. */
static void put_common(unsigned version, const char *augmentation, const char *data, size_t data_size, unsigned reg)
{
	static const char first[] = {0x0C, SP, WORD, (char)(0x80 + RETURN), 1};
	used = 4;
	put(0, 4);
	put(version, 1);
	put_bytes(augmentation, strlen(augmentation) + 1);
	put(1, 1);
	put(FACTOR, 1);
	put(reg, 1);
	if (*augmentation == 'z') {
		put(data_size, 1);
		put_bytes(data, data_size);
	}
	put_bytes(first, sizeof first);
	close_record(0);
}

/* The number of bytes of a pointer, its base, and the pointer. */
static void put_pointer(unsigned encoding, uintptr_t value)
{
	unsigned format = encoding & 0x0F, bytes = format == UDATA4 || format == SDATA4 ? 4 : format ? 8 : WORD;
	put(value - (encoding & PCREL ? (uintptr_t)(section + used) : 0), bytes);
}

/* The entry of a function. Returns its place. */
static const uint8_t *put_entry(unsigned encoding, bool augmented, uintptr_t start, const char *code, size_t size)
{
	size_t at = used;
	used += 4;
	put(used, 4); /* back to the common record, which is first */
	put_pointer(encoding, start);
	put_pointer(encoding & 0x0F, SIZE);
	if (augmented)
		put(0, 1);
	put_bytes(code, size);
	close_record(at);
	return section + at;
}

static const uint8_t *plain_entry(const char *code, size_t size)
{
	put_common(1, "", "", 0, RETURN);
	return put_entry(ABSOLUTE, false, START, code, size);
}

/* ---- frames ---- */

enum { WORDS = 6 };
static uintptr_t stack[WORDS] = {0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005};

static vsp_unwind_state frame(uintptr_t offset)
{
	vsp_unwind_state s = {.pc = START + offset, .sp = SP};
	s.reg[SP] = (uintptr_t)stack;
	s.reg[BASE] = (uintptr_t)(stack + 2);
	s.reg[SAVED] = 33;
	s.reg[OTHER] = 55;
	return s;
}

static bool step(vsp_unwind_state *s, const uint8_t *entry)
{
	return vsp_unwind_step(s, entry, (uintptr_t)(stack + WORDS));
}

/* The code runs up to an offset; then the return address is the given word of the stack, and SAVED
   has a value. */
static void check(const char *code, size_t size, uintptr_t offset, unsigned word, uintptr_t saved)
{
	vsp_unwind_state s = frame(offset);
	assert_true(step(&s, plain_entry(code, size)));
	assert_int_equal(s.pc, stack[word]);
	assert_int_equal(s.reg[SP], (uintptr_t)(stack + word + 1));
	assert_int_equal(s.reg[SAVED], saved);
	assert_int_equal(s.after_call, 1);
}

static void refuse(const char *code, size_t size)
{
	vsp_unwind_state s = frame(50);
	assert_false(step(&s, plain_entry(code, size)));
}

#define CHECK(offset, word, saved, ...) \
	do { \
		static const char code[] = {__VA_ARGS__}; \
		check(code, sizeof code, offset, word, saved); \
	} while (0)
#define REFUSE(...) \
	do { \
		static const char code[] = {__VA_ARGS__}; \
		refuse(code, sizeof code); \
	} while (0)
#define NEGATIVE(n) (0x80 - (n)) /* a signed LEB128 of one byte */

enum {
	ADVANCE = -0x80 + 0xC0, /* 0x40 */
	OFFSET = -0x80,         /* 0x80 */
	RESTORE = -0x40         /* 0xC0 */
};
enum { NOP, ADVANCE1 = 2, ADVANCE2, ADVANCE4, OFFSET_EXTENDED, RESTORE_EXTENDED, UNDEFINED, SAME_VALUE, REGISTER };
enum { REMEMBER = 0x0A, RECALL, DEF_CFA, DEF_CFA_REGISTER, DEF_CFA_OFFSET, EXPRESSION = 0x10, OFFSET_EXTENDED_SF };
enum { DEF_CFA_SF = 0x12, DEF_CFA_OFFSET_SF, ARGS_SIZE = 0x2E };

static void rules_hold_from_their_place_on(void **state)
{
	(void)state;
	CHECK(0, 0, 33, NOP);
	CHECK(0, 0, 33, ADVANCE + 1, DEF_CFA_OFFSET, 2 * WORD, OFFSET + SAVED, 2);
	CHECK(1, 1, 0x1000, ADVANCE + 1, DEF_CFA_OFFSET, 2 * WORD, OFFSET + SAVED, 2);
	CHECK(199, 0, 33, ADVANCE1, (char)200, DEF_CFA_OFFSET, 2 * WORD);
	CHECK(200, 1, 33, ADVANCE1, (char)200, DEF_CFA_OFFSET, 2 * WORD);
	CHECK(0x1FF, 0, 33, ADVANCE2, 0, 2, DEF_CFA_OFFSET, 2 * WORD);
	CHECK(0x200, 1, 33, ADVANCE2, 0, 2, DEF_CFA_OFFSET, 2 * WORD);
	CHECK(0xFFFF, 0, 33, ADVANCE4, 0, 0, 1, 0, DEF_CFA_OFFSET, 2 * WORD);
	CHECK(0x10000, 1, 33, ADVANCE4, 0, 0, 1, 0, DEF_CFA_OFFSET, 2 * WORD);
}

static void frames_are_where_the_rules_say(void **state)
{
	(void)state;
	CHECK(50, 2, 33, DEF_CFA, BASE, WORD);
	CHECK(50, 2, 33, DEF_CFA_REGISTER, BASE);
	CHECK(50, 1, 33, DEF_CFA_SF, SP, NEGATIVE(2));
	CHECK(50, 1, 33, DEF_CFA_OFFSET_SF, NEGATIVE(2));
	CHECK(50, 0, 33, ARGS_SIZE, 16);
	CHECK(50, 0, 33, REMEMBER, DEF_CFA_OFFSET, 3 * WORD, RECALL);
	CHECK(50, 1, 33, DEF_CFA_OFFSET, 2 * WORD, REMEMBER, REMEMBER, DEF_CFA, BASE, WORD, RECALL, RECALL);
}

static void registers_are_where_the_rules_say(void **state)
{
	(void)state;
	CHECK(50, 1, 0x1000, DEF_CFA_OFFSET, 2 * WORD, OFFSET_EXTENDED, SAVED, 2);
	CHECK(50, 0, 0x1002, OFFSET_EXTENDED_SF, SAVED, NEGATIVE(1));
	CHECK(50, 0, 33, OFFSET + SAVED, 1, RESTORE + SAVED);
	CHECK(50, 0, 33, OFFSET + SAVED, 1, RESTORE_EXTENDED, SAVED);
	CHECK(50, 0, 33, OFFSET + SAVED, 1, SAME_VALUE, SAVED);
	CHECK(50, 0, 55, REGISTER, SAVED, OTHER);
	CHECK(50, 0, 0, REGISTER, SAVED, 100); /* one that is not followed */
	CHECK(50, 0, 33, OFFSET + 0x3F, 1, RESTORE + 0x3F, UNDEFINED, 40);
}

static void what_is_not_understood_ends_the_walk(void **state)
{
	(void)state;
	REFUSE(UNDEFINED, RETURN); /* the outermost frame */
	REFUSE(EXPRESSION, SAVED, 1, 0x30);
	REFUSE(0x3F);
	REFUSE(RECALL);
	REFUSE(REMEMBER, REMEMBER, REMEMBER, REMEMBER, REMEMBER);
	REFUSE(DEF_CFA, 40, 0);
	REFUSE(DEF_CFA_OFFSET);                  /* without its operand */
	REFUSE(DEF_CFA_OFFSET, 1 + WORD);        /* not aligned */
	REFUSE(DEF_CFA_OFFSET, 0);               /* below SP */
	REFUSE(DEF_CFA_OFFSET, 7 * WORD);        /* beyond the stack */
	REFUSE(DEF_CFA, BASE, (char)0x80, 0x7F); /* far beyond it */
}

static void entries_belong_to_one_function(void **state)
{
	(void)state;
	const uint8_t *entry = plain_entry("", 0);
	vsp_unwind_state s = frame(SIZE - 1), behind = frame(SIZE), before = frame((uintptr_t)-1);
	assert_true(step(&s, entry));
	assert_false(step(&behind, entry));
	assert_false(step(&before, entry));
	behind.after_call = 1; /* of a call that is the last instruction */
	assert_true(step(&behind, entry));
	vsp_unwind_state first = frame(0);
	assert_false(step(&first, section)); /* a common record */
}

/* Is an entry with these augmentations taken? */
static bool accepts(unsigned version, const char *augmentation, const char *data, size_t size, unsigned encoding)
{
	vsp_unwind_state s = frame(0);
	put_common(version, augmentation, data, size, RETURN);
	bool whole = encoding & PCREL && (encoding & 0x0F) != SDATA8;
	uintptr_t start = whole ? (uintptr_t)section : START;
	s.pc = start;
	return step(&s, put_entry(encoding, *augmentation == 'z', start, "", 0)) && s.pc == stack[0];
}

static void augmentations_are_read(void **state)
{
	(void)state;
	static const char encodings[] = {ABSOLUTE, UDATA4, SDATA4, SDATA8, PCREL | SDATA4, PCREL | SDATA8};
	for (unsigned i = 0; i < sizeof encodings; i++)
		assert_true(accepts(1, "zR", &encodings[i], 1, (unsigned)encodings[i]));
	assert_false(accepts(1, "zR", "\x0A", 1, UDATA4)); /* two bytes: no compiler does */
	assert_true(accepts(3, "zR", "\x03", 1, UDATA4));
	assert_true(accepts(1, "zPLR", "\x03\1\2\3\4\x1B\x03", 7, UDATA4)); /* a handler of exceptions, and its data */
	assert_true(accepts(1, "zRS", "\x03", 1, UDATA4));                  /* a frame of a signal */
	assert_true(accepts(1, "zRB", "\x03", 1, UDATA4));                  /* signed return addresses */
	assert_false(accepts(1, "zRX", "\x03", 1, UDATA4));
	assert_false(accepts(1, "eh", "", 0, ABSOLUTE));
	assert_false(accepts(1, "zR", "", 0, UDATA4)); /* without the data that it announces */
	assert_false(accepts(4, "zR", "\x03", 1, UDATA4));
}

static void broken_records_are_refused(void **state)
{
	(void)state;
	vsp_unwind_state s = frame(0);
	put_common(1, "", "", 0, VSP_UNWIND_REGISTERS);
	assert_false(step(&s, put_entry(ABSOLUTE, false, START, "", 0)));
	uint8_t *entry = section + (plain_entry("", 0) - section);
	memset(entry, 0, 4); /* the end of a section, and the mark of sizes of 64 bits */
	assert_false(step(&s, entry));
	memset(entry, 0xFF, 4);
	assert_false(step(&s, entry));
	entry = section + (plain_entry("", 0) - section);
	entry[0] = 6; /* shorter than its addresses */
	assert_false(step(&s, entry));
	entry = section + (plain_entry("", 0) - section);
	memset(section + 9, 'x', (size_t)(entry - section) - 9); /* the augmentation has no end */
	assert_false(step(&s, entry));
}

/* ---- tables of entries ---- */

enum { HEADER = 12, ROWS = 3 };

static void put_header(uint8_t *header, uint8_t version)
{
	const uint8_t start[HEADER] = {version, PCREL | SDATA4, UDATA4, DATAREL | SDATA4, 0, 0, 0, 0, ROWS};
	static const int32_t rows[ROWS][2] = {{1000, 100}, {2000, 200}, {2500, 300}};
	memcpy(header, start, HEADER);
	memcpy(header + HEADER, rows, sizeof rows);
}

static void search_tables_lead_to_the_entry_before(void **state)
{
	(void)state;
	uint8_t header[HEADER + 300];
	uintptr_t base = (uintptr_t)header;
	put_header(header, 1);
	assert_null(vsp_unwind_find(header, base + 999));
	assert_ptr_equal(vsp_unwind_find(header, base + 1000), header + 100);
	assert_ptr_equal(vsp_unwind_find(header, base + 1999), header + 100);
	assert_ptr_equal(vsp_unwind_find(header, base + 2000), header + 200);
	assert_ptr_equal(vsp_unwind_find(header, base + 2499), header + 200);
	assert_ptr_equal(vsp_unwind_find(header, base + 99999), header + 300);
	put_header(header, 2); /* a version that is not known has no table */
	assert_null(vsp_unwind_find(header, base + 2000));
}

static void sections_are_searched(void **state)
{
	(void)state;
	const uint8_t *first = plain_entry("", 0), *second = put_entry(ABSOLUTE, false, START + SIZE, "", 0);
	assert_ptr_equal(vsp_unwind_scan(section, used, START), first);
	assert_ptr_equal(vsp_unwind_scan(section, used, START + SIZE - 1), first);
	assert_ptr_equal(vsp_unwind_scan(section, used, START + SIZE), second);
	assert_null(vsp_unwind_scan(section, used, START + 2 * SIZE));
	assert_null(vsp_unwind_scan(section, used - 1, START + SIZE)); /* the last record is cut off */
	put(0, 8);                                                     /* the end, before the section's */
	assert_null(vsp_unwind_scan(section, used, START + 2 * SIZE));
	assert_null(vsp_unwind_scan(section, 0, START));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rules_hold_from_their_place_on),
	        cmocka_unit_test(frames_are_where_the_rules_say),
	        cmocka_unit_test(registers_are_where_the_rules_say),
	        cmocka_unit_test(what_is_not_understood_ends_the_walk),
	        cmocka_unit_test(entries_belong_to_one_function),
	        cmocka_unit_test(augmentations_are_read),
	        cmocka_unit_test(broken_records_are_refused),
	        cmocka_unit_test(search_tables_lead_to_the_entry_before),
	        cmocka_unit_test(sections_are_searched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
