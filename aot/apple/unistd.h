/*
 * See assert.h.
 */
#ifndef VSP_APPLE_UNISTD_H
#define VSP_APPLE_UNISTD_H

#define _SC_PAGESIZE 29

long sysconf(int name);
int isatty(int file);

#endif
