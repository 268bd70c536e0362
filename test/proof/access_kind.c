/*
 * The kind of trap that compiled code's checks and guard-page faults end in, as a function that can be looked at.
 */
#include "runtime/compiled.h"

uint32_t proof_access_kind(int64_t ea);
uint32_t proof_access_kind(int64_t ea) { return (uint32_t)vsp_access_trap(ea); }
