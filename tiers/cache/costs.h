/*
 * Files of measured constants of back ends in the code cache's directory, one for each provider,
 * device, driver and build of VSP, so that a machine measures once. Numbers from a file only decide
 * where operations run, never what they compute, and the choice checks them; a file that cannot be
 * read counts as missing.
 */
#ifndef VSP_TIERS_CACHE_COSTS_H
#define VSP_TIERS_CACHE_COSTS_H

#include "runtime/backends/provider.h"

/* False: there are none. */
bool vsp_costs_load(const char *directory, const vsp_provider *provider, vsp_costs *costs);
/* Failures are ignored: the next process measures again. */
void vsp_costs_save(const char *directory, const vsp_provider *provider, const vsp_costs *costs);

#endif
