/*
 * The keys of the code cache, and their inputs. A key covers everything that shapes a unit's code,
 * except the unit itself, which names the entry: the program, how it is lowered, the build of VSP
 * and the processor. The files of LLVM, which cannot be named before LLVM is loaded, are in the
 * entries (entry.h). Profiles are left out: they differ from run to run, and code is correct with
 * any of them.
 */
#ifndef VSP_TIERS_CACHE_KEY_H
#define VSP_TIERS_CACHE_KEY_H

#include "ir/lower/options.h"
#include "ir/module.h"

enum { VSP_CACHE_KEY = 32 };

/* A hash of the sources and of how they were built; cmake/VspBuildId.cmake makes it. */
extern const char vsp_build_id[];

/* lower: the options of count tiers. False: this processor cannot be distinguished from others. */
bool vsp_cache_key(
        uint8_t key[VSP_CACHE_KEY], const vsp_module_data *module, const vsp_lower_options *lower, unsigned count);

#endif
