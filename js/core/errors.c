/*
 * Memory, names, and the parts of the last error, for JavaScript.
 */
#include "core.h"

#include "runtime/base/alloc.h"

vsp_error core_error = VSP_ERROR_INIT;
size_t core_size;

/* ---- memory of the module ---- */

/* Null: there is none. */
CORE_EXPORT(void *, core_alloc, (size_t size)) { return vsp_alloc(size ? size : 1, 1); }
CORE_EXPORT(void, core_free, (void *block)) { vsp_free_memory(block); }
CORE_EXPORT(size_t, core_last_size, (void)) { return core_size; }

/* ---- names ---- */

CORE_EXPORT(const char *, core_version, (void)) { return vsp_version(); }
CORE_EXPORT(const char *, core_status_name, (unsigned status)) { return vsp_status_name((vsp_status)status); }
CORE_EXPORT(const char *, core_trap_name, (unsigned trap)) { return vsp_trap_name((vsp_trap)trap); }
CORE_EXPORT(const char *, core_trap_text, (unsigned trap)) { return vsp_trap_text((vsp_trap)trap); }

/* ---- the last error ---- */

CORE_EXPORT(unsigned, core_error_code, (void)) { return core_error.code; }
CORE_EXPORT(const char *, core_error_message, (void)) { return core_error.message; }
CORE_EXPORT(const char *, core_error_file, (void)) { return core_error.file; }
CORE_EXPORT(uint32_t, core_error_line, (void)) { return core_error.line; }
CORE_EXPORT(uint32_t, core_error_column, (void)) { return core_error.column; }
CORE_EXPORT(double, core_error_offset, (void)) { return (double)core_error.offset; }
CORE_EXPORT(unsigned, core_error_trap, (void)) { return core_error.trap; }
CORE_EXPORT(uint32_t, core_error_trap_code, (void)) { return core_error.trap_code; }
CORE_EXPORT(uint32_t, core_error_pc, (void)) { return core_error.pc; }
CORE_EXPORT(const char *, core_error_function, (void)) { return core_error.function; }
CORE_EXPORT(uint32_t, core_error_frames, (void)) { return core_error.frames; }
CORE_EXPORT(uint32_t, core_frame_pc, (uint32_t i)) { return core_error.trace[i].pc; }
CORE_EXPORT(uint32_t, core_frame_line, (uint32_t i)) { return core_error.trace[i].line; }
CORE_EXPORT(const char *, core_frame_function, (uint32_t i)) { return core_error.trace[i].function; }
