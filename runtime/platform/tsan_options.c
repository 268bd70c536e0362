/*
 * Options of the thread sanitizer, only in builds with it. The sanitizer believes that code which
 * left a handler by a jump, as guard faults do, is still inside the handler, and would from then on
 * report every allocation as unsafe there. It also ends children of fork that start threads, as
 * ours may. Data races are reported as usual.
 */
const char *__tsan_default_options(void);

const char *__tsan_default_options(void) { return "report_signal_unsafe=0:die_after_fork=0"; }
