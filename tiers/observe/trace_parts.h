/*
 * The interface between trace.c, which records, and trace_json.c, which writes.
 */
#ifndef VSP_TIERS_TRACE_PARTS_H
#define VSP_TIERS_TRACE_PARTS_H

#include "frontend/text.h"
#include "runtime/platform/platform.h"
#include "trace.h"

struct vsp_trace {
	const vsp_module_data *module;
	uint64_t start_ns; /* the trace's time 0 */
	vsp_plat_mutex *lock;
	/* Protected by the lock. */
	vsp_trace_event *events;
	uint32_t count, capacity;
	uint64_t dropped;
	bool busy; /* current is in progress */
	vsp_trace_event current;
};

/* Writes the events, which are in order of start, outer ones first. */
void vsp_trace_write_json(
        vsp_text *out, const vsp_trace *trace, const vsp_trace_event *events, uint32_t count, uint64_t dropped);

#endif
