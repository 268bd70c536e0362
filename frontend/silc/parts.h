/*
 * The reader's and writer's view of the known sections, private to frontend/silc/.
 */
#ifndef VSP_FRONTEND_SILC_PARTS_H
#define VSP_FRONTEND_SILC_PARTS_H

#include "silc.h"
#include "cursor.h"

/* Fills the module's symbols from the whole symbol segment. */
vsp_status vsp_silc_parse_symbols(vsp_module_data *m, silc_cursor *c);
/* Index of a known section, or -1. */
int vsp_silc_section_kind(const char tag[4]);

#endif
