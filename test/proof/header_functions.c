/*
 * Of the headers that compiled code and tier 0 share, what has no symbol: the kind of trap that checks and guard-page faults end in, and the mask of
 * checked addresses, as functions that can be looked at.
 */
#include "runtime/compiled.h"
#include "runtime/arith/mask.h"

uint32_t proof_access_kind(int64_t ea);
uint64_t proof_mask(int64_t ea, uint32_t n, uint64_t size);
uint32_t proof_access_kind(int64_t ea) { return (uint32_t)vsp_access_trap(ea); }
uint64_t proof_mask(int64_t ea, uint32_t n, uint64_t size) { return (uint64_t)vsp_mask_address(ea, n, size); }
