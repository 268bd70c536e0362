/*
 * Every rule of the .silc format that concerns the file's shape: for each, one file that breaks
 * just it, with the offset and the message of the error. Offsets are counted by hand: the header
 * takes 32 bytes, one HLT with its padding 4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "test/support/refuse.h"

enum { HLT = 0x01, CODE_END = 36, PAYLOAD = CODE_END + 8 };

/* One HLT: nothing but the header and 4 bytes. */
static silc_file one_hlt(void)
{
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, HLT);
	return f;
}

/* one_hlt with a header field replaced and the checksum right again. */
static silc_bytes with_field(unsigned offset, uint64_t value, unsigned bytes)
{
	silc_file f = one_hlt();
	silc_bytes file = silc_finish(&f);
	for (unsigned i = 0; i < bytes; i++)
		file.data[offset + i] = (uint8_t)(value >> (8 * i));
	silc_fix_checksum(file.data, file.size);
	return file;
}

static void files_of_another_format_are_refused(void **state)
{
	(void)state;
	silc_bytes file = {0};
	silc_raw(&file, "", 0);
	assert_refused_bytes(&file, 0, "header: not a .silc file: it does not begin with SILC");
	silc_raw(&file, "SIL", 3);
	assert_refused_bytes(&file, 0, "header: not a .silc file: it does not begin with SILC");
	file = with_field(3, 'c', 1);
	assert_refused_bytes(&file, 0, "header: not a .silc file: it does not begin with SILC");
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	silc_bytes file = {0};
	SILC_RAW(&file, 'S', 'I', 'L', 'C', 0x05, 0x01); /* older headers may be shorter */
	assert_refused_bytes(&file, 4,
	        "header: the file is of version 1.5, whose encodings version 2 replaced: reassemble it from its "
	        "source");
	file = with_field(4, 0x01FF, 2);
	assert_refused_bytes(&file, 4,
	        "header: the file is of version 1.255, whose encodings version 2 replaced: reassemble it from its "
	        "source");
	file = with_field(4, 0x0201, 2);
	assert_refused_bytes(&file, 4, "the file is of version 2.1, but its contents are of 2.0");
	file = with_field(4, 0x0202, 2);
	assert_refused_bytes(&file, 4, "header: the file is of version 2.2, but this VSP reads 2.0 and 2.1");
	file = with_field(4, 0x0300, 2);
	assert_refused_bytes(&file, 4, "header: the file is of version 3.0, but this VSP reads 2.0 and 2.1");
}

static void header_fields_are_checked(void **state)
{
	(void)state;
	silc_bytes file = with_field(6, 5, 2);
	assert_refused_bytes(&file, 6, "header: mode 5 is not 0..4");
	file = with_field(6, 0x0100, 2);
	assert_refused_bytes(&file, 6, "header: mode 256 is not 0..4");
	file = with_field(8, 0, 4);
	assert_refused_bytes(&file, 8, "header: code size 0 is not 1..16777216");
	file = with_field(8, (1 << 24) + 1, 4);
	assert_refused_bytes(&file, 8, "header: code size 16777217 is not 1..16777216");
	file = with_field(20, 1, 4);
	assert_refused_bytes(&file, 20, "entry 0x1 is not the start of a function of kind function");
	file = with_field(24, 0, 8);
	silc_bytes copy = {0};
	silc_raw(&copy, file.data, file.size);
	silc_bytes_free(&file);
	copy.data[24] ^= 1;
	assert_refused_bytes(&copy, 24, "header: the checksum does not match: the file is damaged");
}

static void sizes_are_added_in_64_bits(void **state)
{
	(void)state;
	silc_bytes file = with_field(8, 5, 4);
	assert_refused_bytes(&file, 36, "header: truncated: code, data and symbols take 8 bytes, 4 are there");
	file = with_field(12, 0xFFFFFFFC, 4); /* 4 + that is 0 in 32 bits */
	assert_refused_bytes(&file, 36, "header: truncated: code, data and symbols take 4294967296 bytes, 4 are there");
	file = with_field(16, 0xFFFFFFFF, 4); /* padded: 2^32 */
	assert_refused_bytes(&file, 36, "header: truncated: code, data and symbols take 4294967300 bytes, 4 are there");
}

static void every_cut_and_every_damaged_byte_is_noticed(void **state)
{
	(void)state;
	silc_file f = one_hlt();
	SILC_RAW(&f.data, 1, 2, 3);
	silc_symbol(&f, "main", 0, 3);
	silc_func(&f, 0, 1, 0, 0, 0, 0, 1);
	silc_memo(&f, 3, 3, 0x20000);
	silc_bytes file = silc_finish(&f);
	enum { HEADER = 32, SEGMENTS_END = 32 + 4 + 4 + 16 };
	for (size_t size = 0; size < file.size; size++) {
		vsp_error error = VSP_ERROR_INIT;
		assert_null(vsp_silc_read(file.data, size, &error));
		assert_int_equal(error.code, VSP_E_FORMAT);
		assert_true(error.offset <= size);
		if (size >= HEADER && size < SEGMENTS_END)
			assert_non_null(strstr(error.message, "truncated: code, data and symbols take 24 bytes"));
	}
	for (size_t i = 0; i < file.size; i++) {
		vsp_error error = VSP_ERROR_INIT;
		file.data[i] ^= 0x10;
		assert_null(vsp_silc_read(file.data, file.size, &error));
		assert_int_equal(error.code, VSP_E_FORMAT);
		assert_true(error.offset <= file.size);
		file.data[i] ^= 0x10;
	}
	silc_bytes_free(&file);
}

static void padding_is_there_and_zero(void **state)
{
	(void)state;
	silc_file f = one_hlt();
	SILC_RAW(&f.data, 1, 2);
	silc_symbol(&f, "l", 0, 0);
	silc_bytes payload = {0};
	SILC_RAW(&payload, 7);
	silc_section(&f, "note", &payload);
	silc_bytes_free(&payload);
	silc_bytes file = silc_finish(&f);
	/* code 32..33, data 36..38, symbols 40..52, section 52: payload 60..61 */
	static const struct {
		unsigned at, from;
		const char *message;
	} cases[] = {
	        {35, 33, "code: padding is not zero"},
	        {38, 38, "data: padding is not zero"},
	        {63, 61, "sections: padding is not zero"},
	};
	assert_int_equal(file.size, 64);
	for (size_t i = 0; i < 3; i++) {
		silc_bytes copy = {0};
		silc_raw(&copy, file.data, file.size);
		copy.data[cases[i].at] = 1;
		silc_fix_checksum(copy.data, copy.size);
		assert_refused_bytes(&copy, cases[i].from, cases[i].message);
	}
	file.size = 61;
	silc_fix_checksum(file.data, file.size);
	assert_refused_bytes(&file, 61, "sections: truncated: 3 bytes are needed and 0 are left");

	f = one_hlt();
	silc_symbol(&f, "ab", 0, 0); /* 4 + 2 + 2 + 4 + 1 = 13 */
	file = silc_finish(&f);
	file.data[CODE_END + 13] = 1;
	silc_fix_checksum(file.data, file.size);
	assert_refused_bytes(&file, CODE_END + 13, "symbols: padding is not zero");
}

static void sections_are_well_formed(void **state)
{
	(void)state;
	silc_bytes payload = {0};
	silc_file f = one_hlt();
	silc_section(&f, "NOTE", NULL);
	assert_refused(&f, CODE_END, "sections: unknown section NOTE must be understood to run this file");
	f = one_hlt();
	silc_section(&f, "not1", NULL);
	assert_refused(&f, CODE_END, "sections: the tag is not four letters");
	f = one_hlt();
	silc_section(&f, "note", NULL);
	silc_section(&f, "nOTE", NULL);
	silc_section(&f, "note", NULL);
	assert_accepted(&f);
	f = one_hlt();
	silc_memo(&f, 3, 3, 0x20000);
	silc_memo(&f, 3, 3, 0x20000);
	assert_refused(&f, CODE_END + 20, "sections: section MEMO stands twice");
	f = one_hlt();
	silc_raw(&f.sections, "note", 4);
	assert_refused(&f, CODE_END + 4, "sections: truncated: 4 bytes are needed and 0 are left");
	f = one_hlt();
	silc_raw(&f.sections, "note\xFF\xFF\xFF\xFF", 8);
	assert_refused(&f, PAYLOAD, "sections: truncated: 4294967295 bytes are needed and 0 are left");
	silc_bytes_free(&payload);
}

static void sections_stand_in_any_order(void **state)
{
	(void)state;
	silc_file f = one_hlt();
	silc_memo(&f, 3, 3, 0x20000);
	silc_section(&f, "note", NULL);
	silc_bytes payload = {0};
	silc_uint(&payload, 0, 4);
	silc_section(&f, "MODL", &payload);
	silc_section(&f, "IMPT", &payload);
	silc_uint(&payload, 0, 4);
	silc_section(&f, "LINE", &payload);
	silc_bytes_free(&payload);
	assert_accepted(&f);
}

/* A file whose one section (or the symbols, tag null) has this payload. */
static void assert_payload_refused(const char *tag, silc_bytes *payload, uint64_t offset, const char *message)
{
	silc_file f = one_hlt();
	if (tag) {
		silc_section(&f, tag, payload);
		silc_bytes_free(payload);
	} else {
		f.symbols = *payload;
		*payload = (silc_bytes){0};
	}
	assert_refused(&f, offset, message);
}

static void symbol_tables_are_consumed_exactly(void **state)
{
	(void)state;
	silc_bytes b = {0};
	SILC_RAW(&b, 0, 0);
	assert_payload_refused(NULL, &b, CODE_END, "symbols: truncated: 4 bytes are needed and 2 are left");
	silc_uint(&b, 0, 4), silc_uint(&b, 0, 1);
	assert_payload_refused(NULL, &b, CODE_END + 4, "symbols: 1 bytes too many");
	silc_uint(&b, 0xFFFFFFFF, 4), silc_name(&b, "a"), silc_uint(&b, 0, 5);
	assert_payload_refused(NULL, &b, CODE_END, "symbols: 4294967295 entries do not fit the 8 bytes left");
	silc_uint(&b, 1, 4), silc_uint(&b, 9, 2), silc_uint(&b, 0x6161616161616161, 8);
	assert_payload_refused(NULL, &b, CODE_END + 6, "symbols: truncated: 9 bytes are needed and 8 are left");
	silc_uint(&b, 1, 4), silc_uint(&b, 2, 2), silc_uint(&b, 0x0061, 2), silc_uint(&b, 0, 5);
	assert_payload_refused(NULL, &b, CODE_END + 6, "symbols: zero byte in a name");
}

static void memo_has_12_bytes(void **state)
{
	(void)state;
	silc_bytes b = {0};
	silc_uint(&b, 3, 4), silc_uint(&b, 3, 4);
	assert_payload_refused("MEMO", &b, PAYLOAD + 8, "section MEMO: truncated: 4 bytes are needed and 0 are left");
	silc_uint(&b, 3, 4), silc_uint(&b, 3, 4), silc_uint(&b, 0x20000, 4), silc_uint(&b, 0, 4);
	assert_payload_refused("MEMO", &b, PAYLOAD + 12, "section MEMO: 4 bytes too many");
}

static void func_has_whole_entries(void **state)
{
	(void)state;
	silc_bytes b = {0};
	silc_uint(&b, 0, 8), silc_uint(&b, 0, 7);
	assert_payload_refused("FUNC", &b, PAYLOAD, "section FUNC: size is not a multiple of 16");
	silc_raw(&b, "", 0);
	assert_payload_refused("FUNC", &b, PAYLOAD, "functions do not cover the code");
}

static void imports_are_well_formed(void **state)
{
	(void)state;
	silc_bytes b = {0};
	silc_uint(&b, 2, 4), silc_name(&b, "a.bc"), silc_uint(&b, 0, 2);
	assert_payload_refused("IMPT", &b, PAYLOAD + 12, "section IMPT: truncated: 2 bytes are needed and 0 are left");
	silc_uint(&b, 3, 4), silc_name(&b, "a.b"), silc_uint(&b, 0, 2);
	assert_payload_refused("IMPT", &b, PAYLOAD, "section IMPT: 3 entries do not fit the 7 bytes left");
	silc_uint(&b, 0, 4), silc_uint(&b, 0, 1);
	assert_payload_refused("IMPT", &b, PAYLOAD + 4, "section IMPT: 1 bytes too many");
}

static void models_are_well_formed(void **state)
{
	(void)state;
	silc_bytes b = {0};
	silc_uint(&b, 1, 4), silc_name(&b, "m"), silc_uint(&b, 3, 4), silc_uint(&b, 0, 2);
	assert_payload_refused("MODL", &b, PAYLOAD + 11, "section MODL: truncated: 3 bytes are needed and 2 are left");
	silc_uint(&b, 0x10000000, 4), silc_name(&b, "m"), silc_uint(&b, 0, 4);
	assert_payload_refused("MODL", &b, PAYLOAD, "section MODL: 268435456 entries do not fit the 7 bytes left");
}

/* LINE with one file "f" (3 bytes) and the bytes of rows; the first row stands at PAYLOAD + 11. */
static silc_bytes line_payload(uint32_t rows)
{
	silc_bytes b = {0};
	silc_uint(&b, 1, 4), silc_name(&b, "f"), silc_uint(&b, rows, 4);
	return b;
}

static void line_tables_are_well_formed(void **state)
{
	(void)state;
	enum { ROW = PAYLOAD + 11 };
	silc_bytes b = {0};
	silc_uint(&b, 9, 4), silc_uint(&b, 0, 4);
	assert_payload_refused("LINE", &b, PAYLOAD, "section LINE: 9 entries do not fit the 4 bytes left");
	b = line_payload(2), SILC_RAW(&b, 0, 0, 1, 1, 1, 0, 1);
	assert_payload_refused("LINE", &b, PAYLOAD + 7, "section LINE: 2 entries do not fit the 7 bytes left");
	b = line_payload(1), SILC_RAW(&b, 0, 0, 1, 0x81);
	assert_payload_refused("LINE", &b, ROW + 4, "section LINE: truncated: 1 bytes are needed and 0 are left");
	b = line_payload(1), SILC_RAW(&b, 0, 0, 1, 1, 0);
	assert_payload_refused("LINE", &b, ROW + 4, "section LINE: 1 bytes too many");
	b = line_payload(1), SILC_RAW(&b, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 1, 1);
	assert_payload_refused("LINE", &b, ROW + 1, "section LINE: 4294967296 is out of range");
	b = line_payload(1), SILC_RAW(&b, 0, 0, 0x7F, 1);
	assert_payload_refused("LINE", &b, ROW, "section LINE: line number out of range");
	b = line_payload(1), SILC_RAW(&b, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 1);
	assert_payload_refused("LINE", &b, ROW, "section LINE: line number out of range");
	b = line_payload(1), SILC_RAW(&b, 0x81, 0x80, 0x80, 0x08, 0, 1, 1);
	assert_payload_refused("LINE", &b, ROW, "section LINE: address 16777217 is beyond any code");
	b = line_payload(2), SILC_RAW(&b, 1, 0, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 1, 1);
	assert_payload_refused("LINE", &b, ROW + 4, "section LINE: address 4294967296 is beyond any code");
	b = line_payload(1), SILC_RAW(&b, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 0, 1, 1);
	assert_payload_refused("LINE", &b, ROW, "section LINE: LEB128 number beyond 64 bits");
	b = line_payload(1), SILC_RAW(&b, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 1);
	assert_payload_refused("LINE", &b, ROW + 2, "section LINE: LEB128 number beyond 64 bits");
}

static void leb128_may_be_padded(void **state)
{
	(void)state;
	silc_file f = one_hlt();
	silc_bytes b = line_payload(1);
	SILC_RAW(&b, 0x80, 0x80, 0x00, 0x80, 0, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x81, 0);
	silc_section(&f, "LINE", &b);
	silc_bytes_free(&b);
	silc_bytes file = silc_finish(&f);
	vsp_module_data *m = vsp_silc_read(file.data, file.size, NULL);
	assert_non_null(m);
	assert_int_equal(m->lines[0].line, 5);
	assert_int_equal(m->lines[0].column, 1);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void line_numbers_go_down_to_0(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, 0, 1); /* NOP, HLT */
	silc_bytes b = line_payload(2);
	SILC_RAW(&b, 0, 0, 5, 1, 1, 0, 0x7B, 1);
	silc_section(&f, "LINE", &b);
	silc_bytes_free(&b);
	silc_bytes file = silc_finish(&f);
	vsp_module_data *m = vsp_silc_read(file.data, file.size, NULL);
	assert_non_null(m);
	assert_int_equal(m->lines[1].line, 0);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void errors_may_be_ignored(void **state)
{
	(void)state;
	assert_null(vsp_silc_read((const uint8_t *)"", 0, NULL));
	silc_bytes file = with_field(20, 1, 4);
	assert_null(vsp_silc_read(file.data, file.size, NULL));
	silc_bytes_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(files_of_another_format_are_refused),
	        cmocka_unit_test(other_versions_are_refused),
	        cmocka_unit_test(header_fields_are_checked),
	        cmocka_unit_test(sizes_are_added_in_64_bits),
	        cmocka_unit_test(every_cut_and_every_damaged_byte_is_noticed),
	        cmocka_unit_test(padding_is_there_and_zero),
	        cmocka_unit_test(sections_are_well_formed),
	        cmocka_unit_test(sections_stand_in_any_order),
	        cmocka_unit_test(symbol_tables_are_consumed_exactly),
	        cmocka_unit_test(memo_has_12_bytes),
	        cmocka_unit_test(func_has_whole_entries),
	        cmocka_unit_test(imports_are_well_formed),
	        cmocka_unit_test(models_are_well_formed),
	        cmocka_unit_test(line_tables_are_well_formed),
	        cmocka_unit_test(leb128_may_be_padded),
	        cmocka_unit_test(line_numbers_go_down_to_0),
	        cmocka_unit_test(errors_may_be_ignored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
