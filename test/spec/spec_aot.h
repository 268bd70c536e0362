/*
 * Modules of the specification's tests ahead of time: each is compiled to a shared object, which is
 * opened and instantiated in this process.
 */
#ifndef VSP_TEST_SPEC_AOT_H
#define VSP_TEST_SPEC_AOT_H

#include <stdbool.h>

#include <vsp/vsp.h>

typedef struct spec_aot spec_aot;

/* Null with *error, or where the module cannot be compiled the program ends. */
spec_aot *spec_aot_new(const vsp_module *module, bool explicit_bounds, vsp_error *error);
vsp_status spec_aot_define(spec_aot *aot, const char *name, uint32_t params, uint32_t results, vsp_import_fn fn,
        void *user, vsp_error *error);
vsp_status spec_aot_call(spec_aot *aot, const char *name, const int64_t *args, int64_t *results, vsp_error *error);
/* Null is allowed. The shared object stays open. */
void spec_aot_free(spec_aot *aot);

#endif
