/*
 * Options of the thread sanitizer, only in builds with it. It believes that code which left a handler by a jump, as guard faults do, is still
 * inside, and would report every allocation from then on as unsafe there; data races are reported as ever.
 */
const char *__tsan_default_options(void);

const char *__tsan_default_options(void) { return "report_signal_unsafe=0"; }
