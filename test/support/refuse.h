/*
 * Asserts that a file is refused for one reason at one offset. Include after cmocka.h.
 */
#ifndef VSP_TEST_REFUSE_H
#define VSP_TEST_REFUSE_H

#include "frontend/silc/silc.h"
#include "test/support/silc_builder.h"

/* Takes the file's bytes. */
static inline void assert_refused_bytes(silc_bytes *file, uint64_t offset, const char *message)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *m = vsp_silc_read(file->data, file->size, &error);
	assert_string_equal(error.message, message);
	assert_null(m);
	assert_int_equal(error.code, VSP_E_FORMAT);
	assert_int_equal(error.offset, offset);
	silc_bytes_free(file);
}

static inline void assert_refused(silc_file *f, uint64_t offset, const char *message)
{
	silc_bytes file = silc_finish(f);
	assert_refused_bytes(&file, offset, message);
}

static inline void assert_accepted(silc_file *f)
{
	vsp_error error = VSP_ERROR_INIT;
	silc_bytes file = silc_finish(f);
	vsp_module_data *m = vsp_silc_read(file.data, file.size, &error);
	assert_string_equal(error.message, "");
	assert_non_null(m);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

#endif
