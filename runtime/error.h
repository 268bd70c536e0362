/*
 * Filling vsp_error values. The first error is kept: a builder can go on and check once at the end.
 */
#ifndef VSP_RUNTIME_ERROR_H
#define VSP_RUNTIME_ERROR_H

#include <vsp/vsp_aot.h>

#if defined(__GNUC__)
#define VSP_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define VSP_PRINTF(format_at, args_at)
#endif

/* Clears everything but size. */
void vsp_error_clear(vsp_error *error);
/* Sets code and message unless error is null or already set; returns code. */
vsp_status vsp_error_set(vsp_error *error, vsp_status code, const char *format, ...) VSP_PRINTF(3, 4);
/* The same with a byte offset in the file. */
vsp_status vsp_error_at(vsp_error *error, vsp_status code, uint64_t offset, const char *format, ...) VSP_PRINTF(4, 5);
/* The same with a source location; file may be null. */
vsp_status vsp_error_source(vsp_error *error, vsp_status code, const char *file, uint32_t line, uint32_t column,
        const char *format, ...) VSP_PRINTF(6, 7);

#endif
