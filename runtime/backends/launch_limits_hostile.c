/*
 * The version of launch_limits.c for hostile builds, where small kernels run on several threads.
 */
#include "launch.h"

const vsp_launch_limits_table vsp_launch_limits = {.first_part = 1, .sure_ns = 0, .team_ns = 1};
