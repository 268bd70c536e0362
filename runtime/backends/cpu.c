/*
 * The CPU provider: in order, at once, and the reference for the results of all others.
 */
#include "provider.h"

const vsp_provider vsp_provider_cpu = {
        .name = "cpu",
        .hint = VSP_HINT_CPU,
};
