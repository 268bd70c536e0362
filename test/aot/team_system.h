/* What team.c needs of the operating system: team_posix.c and team_windows.c. */
#ifndef VSP_TEST_TEAM_SYSTEM_H
#define VSP_TEST_TEAM_SYSTEM_H

void *team_symbol(const char *library, const char *name); /* null: there is none */
unsigned team_threads(void);                              /* of this process */
void *team_thread(void (*fn)(void *), void *arg);         /* null: cannot be started */
void team_join(void *thread);
void team_sleep_ms(unsigned ms);
void team_environment(const char *name, const char *value);

#endif
