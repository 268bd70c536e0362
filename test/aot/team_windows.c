/*
 * Windows for team.c, see team_system.h.
 */
#include "team_system.h"

#include <stdlib.h>
#include <windows.h>

#include <tlhelp32.h>

void *team_symbol(const char *library, const char *name)
{
	HMODULE opened = LoadLibraryA(library);
	return opened ? (void *)(UINT_PTR)GetProcAddress(opened, name) : NULL;
}

unsigned team_threads(void)
{
	unsigned count = 0;
	HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
	THREADENTRY32 entry = {.dwSize = sizeof entry};
	for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry))
		count += entry.th32OwnerProcessID == GetCurrentProcessId();
	CloseHandle(all);
	return count;
}

typedef struct started {
	HANDLE handle;
	void (*fn)(void *);
	void *arg;
} started;

static DWORD WINAPI run(void *opaque)
{
	started *s = opaque;
	s->fn(s->arg);
	return 0;
}

void *team_thread(void (*fn)(void *), void *arg)
{
	started *s = malloc(sizeof *s);
	*s = (started){.fn = fn, .arg = arg};
	s->handle = CreateThread(NULL, 0, run, s, 0, NULL);
	if (s->handle)
		return s;
	free(s);
	return NULL;
}

void team_join(void *thread)
{
	started *s = thread;
	WaitForSingleObject(s->handle, INFINITE);
	CloseHandle(s->handle);
	free(s);
}

void team_sleep_ms(unsigned ms) { Sleep(ms); }
void team_environment(const char *name, const char *value)
{
	_putenv_s(name, value);
	SetEnvironmentVariableA(name, value);
}
