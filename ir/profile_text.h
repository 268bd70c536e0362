/*
 * Profiles as text, for files. docs/aot.md describes the format. Numbers are decimal, but for the hash and code addresses.
 */
#ifndef VSP_IR_PROFILE_TEXT_H
#define VSP_IR_PROFILE_TEXT_H

#include "profile.h"

enum { VSP_PROFILE_VERSION = 1 };

/* The counts of a profile of the program with this hash; 0-terminated, free with vsp_free_memory. Null: out of memory. */
char *vsp_profile_write_text(const vsp_profile *profile, uint64_t hash, size_t *length);

/*
 * Reads what vsp_profile_write_text wrote for the program with this hash into a profile that has counted nothing. Any bytes give VSP_OK or an
 * error that names the line: VSP_E_FORMAT when they are no such text, VSP_E_ARGUMENT (with both hashes) when it is another program's,
 * VSP_E_MEMORY.
 */
vsp_status vsp_profile_read_text(
        vsp_profile *profile, uint64_t hash, const char *text, size_t length, vsp_error *error);

#endif
