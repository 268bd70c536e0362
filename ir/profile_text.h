/*
 * Profiles as text, for files, in the format that docs/aot.md describes. Numbers are decimal,
 * except the hash and code addresses.
 */
#ifndef VSP_IR_PROFILE_TEXT_H
#define VSP_IR_PROFILE_TEXT_H

#include "profile.h"

enum { VSP_PROFILE_VERSION = 1 };

/*
 * Writes the counts of a profile of the program with this hash; 0-terminated, to be freed with
 * vsp_free_memory. Null: out of memory.
 */
char *vsp_profile_write_text(const vsp_profile *profile, uint64_t hash, size_t *length);

/*
 * Reads text that vsp_profile_write_text wrote for the program with this hash into a profile that
 * has counted nothing. Any bytes give VSP_OK or an error that names the line: VSP_E_FORMAT when
 * they are not such text, VSP_E_ARGUMENT (with both hashes) when they belong to another program,
 * VSP_E_MEMORY.
 */
vsp_status vsp_profile_read_text(
        vsp_profile *profile, uint64_t hash, const char *text, size_t length, vsp_error *error);

#endif
