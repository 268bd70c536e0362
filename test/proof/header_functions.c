/*
 * Symbols for inline functions of the headers that compiled code and tier 0 share, for the proofs:
 * the kind of trap for checks and guard-page faults, and the mask of checked addresses.
 */
#include "runtime/compiled.h"
#include "runtime/arith/mask.h"

uint32_t proof_access_kind(int64_t ea);
uint64_t proof_mask(int64_t ea, uint32_t n, uint64_t size);
uint32_t proof_access_kind(int64_t ea) { return (uint32_t)vsp_access_trap(ea); }
uint64_t proof_mask(int64_t ea, uint32_t n, uint64_t size) { return (uint64_t)vsp_mask_address(ea, n, size); }
