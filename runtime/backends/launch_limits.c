/*
 * When a LAUNCH takes other threads. To wake them takes some 50 us.
 */
#include "launch.h"

const vsp_launch_limits_table vsp_launch_limits = {.first_part = 16, .sure_ns = 20000, .team_ns = 400000};
