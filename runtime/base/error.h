/*
 * Functions that fill vsp_error values. The first error is kept: a builder can go on and check once
 * at the end.
 */
#ifndef VSP_RUNTIME_ERROR_H
#define VSP_RUNTIME_ERROR_H

#include <vsp/vsp_aot.h>

#if defined(__GNUC__)
#define VSP_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define VSP_PRINTF(format_at, args_at)
#endif

/*
 * Callers' errors have the size that they state, from 0 up. Fields that do not fit are left out,
 * and without room for the code there is no error to fill. So only the functions here touch a
 * caller's error; code that has more to say, or wants to read the error, uses an error of its own
 * and passes it on.
 */

/* Clears everything but size; null is allowed. */
void vsp_error_clear(vsp_error *error);
/*
 * Fills error with own, which has all fields. Does nothing if error is null or already set, or if
 * own is empty; own may be a note that goes with success. Returns own's code.
 */
vsp_status vsp_error_give(vsp_error *error, const vsp_error *own);
/* Sets code and message unless error is null or already set; returns code. */
vsp_status vsp_error_set(vsp_error *error, vsp_status code, const char *format, ...) VSP_PRINTF(3, 4);
/* The same with a byte offset in the file. */
vsp_status vsp_error_at(vsp_error *error, vsp_status code, uint64_t offset, const char *format, ...) VSP_PRINTF(4, 5);
/* The same with a source location; file may be null. */
vsp_status vsp_error_source(vsp_error *error, vsp_status code, const char *file, uint32_t line, uint32_t column,
        const char *format, ...) VSP_PRINTF(6, 7);

#endif
