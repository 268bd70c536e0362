/*
 * The interface between files of the POSIX platform for the part of stopping that reads protected
 * calls.
 */
#ifndef VSP_RUNTIME_PLATFORM_POSIX_STOP_H
#define VSP_RUNTIME_PLATFORM_POSIX_STOP_H

/* The signals that a fault in a protected call raises. */
#define VSP_FAULT_SIGNALS SIGSEGV, SIGBUS

/*
 * In a signal handler: abandons the thread's innermost protected call if it names stopper and
 * context is in its generated code.
 */
void vsp_plat_handle_stop(const void *stopper, const void *context);
/* The signal that stops threads; 0: there are no stoppers. */
int vsp_plat_stop_signal(void);

#endif
