/*
 * Processes on Windows: programs that are run, the end that a console asks for, and files that
 * grow.
 */
#include "platform.h"
#include "windows_handles.h"

#include <errno.h>
#include <psapi.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"

/* ---- the command line of a program ---- */

/* A text that grows; its memory is null after a failure. */
typedef struct command {
	char *text;
	size_t used, room;
} command;

static void add(command *c, char byte, size_t times)
{
	while (c->text && c->room - c->used <= times) {
		char *more = vsp_realloc(c->text, c->room * 2, 1);
		if (!more)
			vsp_free_memory(c->text);
		c->text = more;
		c->room *= 2;
	}
	if (c->text)
		memset(c->text + c->used, byte, times);
	c->used += times;
}

/*
 * A word as the C library takes it apart: backslashes count only before quotation marks, where each
 * stands for half of one.
 */
static void add_word(command *c, const char *word)
{
	add(c, '"', 1);
	for (; *word; word++) {
		size_t slashes = strspn(word, "\\");
		word += slashes;
		bool quote = *word == '"';
		add(c, '\\', quote || !*word ? 2 * slashes : slashes);
		if (!*word)
			break;
		if (quote)
			add(c, '\\', 1);
		add(c, *word, 1);
	}
	add(c, '"', 1);
}

static wchar_t *command_line(const char *const *words)
{
	enum { FIRST = 256 };
	command c = {vsp_alloc(FIRST, 1), 0, FIRST};
	for (size_t i = 0; words[i]; i++) {
		if (i)
			add(&c, ' ', 1);
		add_word(&c, words[i]);
	}
	add(&c, 0, 1);
	wchar_t *wide = c.text ? vsp_windows_wide(c.text) : NULL;
	vsp_free_memory(c.text);
	return wide;
}

/* ---- running a program ---- */

/* Reads to the end and keeps the part that fits. */
static void read_all(HANDLE from, char *output, size_t size)
{
	char rest[4096];
	size_t used = 0;
	for (;;) {
		bool full = used + 1 >= size;
		DWORD n = 0;
		if (!ReadFile(from, full ? rest : output + used, full ? sizeof rest : (DWORD)(size - 1 - used), &n,
		            NULL) ||
		        !n)
			break;
		used += full ? 0 : n;
	}
	if (size)
		output[used] = 0;
}

/* Starts the program with both streams going to a handle that it inherits. */
static bool start(const char *const *words, HANDLE to, PROCESS_INFORMATION *process)
{
	STARTUPINFOW how = {.cb = sizeof how,
	        .dwFlags = STARTF_USESTDHANDLES,
	        .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
	        .hStdOutput = to,
	        .hStdError = to};
	wchar_t *line = command_line(words);
	bool started = line && CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &how, process);
	DWORD error = line ? GetLastError() : ERROR_NOT_ENOUGH_MEMORY;
	vsp_free_memory(line);
	SetLastError(error);
	return started;
}

static vsp_plat_run_result finish(
        const PROCESS_INFORMATION *process, HANDLE from, char *output, size_t size, int *status)
{
	DWORD code = 0;
	read_all(from, output, size);
	WaitForSingleObject(process->hProcess, INFINITE);
	bool known = GetExitCodeProcess(process->hProcess, &code);
	CloseHandle(process->hThread);
	CloseHandle(process->hProcess);
	*status = (int)code;
	/* The numbers of exceptions, by which a program did not end itself. */
	return known && code < 0x80000000 ? VSP_PLAT_RUN_DONE : VSP_PLAT_RUN_FAILED;
}

vsp_plat_run_result vsp_plat_run(const char *const *words, char *output, size_t size, int *status)
{
	SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
	PROCESS_INFORMATION process;
	HANDLE from, to;
	if (size)
		output[0] = 0;
	if (!CreatePipe(&from, &to, &inherited, 0))
		return VSP_PLAT_RUN_FAILED;
	SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
	bool started = start(words, to, &process);
	DWORD error = GetLastError();
	CloseHandle(to);
	vsp_plat_run_result result = started ? finish(&process, from, output, size, status)
	                             : error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND
	                                     ? VSP_PLAT_RUN_MISSING
	                                     : VSP_PLAT_RUN_FAILED;
	CloseHandle(from);
	return result;
}

uint32_t vsp_plat_process_id(void) { return GetCurrentProcessId(); }

uint64_t vsp_plat_peak_memory(void)
{
	PROCESS_MEMORY_COUNTERS counters;
	return K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters) ? counters.PeakWorkingSetSize
	                                                                                : 0;
}

/* ---- the end that a console asks for ---- */

static void (*_Atomic at_end)(int number);

/* Runs on a thread of the system's. The first request is the program's, all others end it. */
static BOOL WINAPI on_request(DWORD request)
{
	void (*fn)(int number) = atomic_exchange(&at_end, NULL);
	if (fn)
		fn(request == CTRL_C_EVENT || request == CTRL_BREAK_EVENT ? SIGINT : SIGTERM);
	return fn != NULL;
}

void vsp_plat_on_end(void (*fn)(int number))
{
	static atomic_bool listens;
	atomic_store(&at_end, fn);
	if (fn && !atomic_exchange(&listens, true))
		SetConsoleCtrlHandler(on_request, TRUE);
}

/* By the status that Windows has for it. */
void vsp_plat_end_by(int number)
{
	(void)number;
	ExitProcess((UINT)STATUS_CONTROL_C_EXIT);
}

/* What is cleaned when a console ends the process. */
static struct {
	void (*clean)(void *arg);
	void *arg;
} supervised;

/* The programs that work has started get the same request from the console. */
static void clean_and_end(int number)
{
	supervised.clean(supervised.arg);
	vsp_plat_end_by(number);
}

int vsp_plat_supervise(int (*work)(void *arg), void (*clean)(void *arg), void *arg, const char **died)
{
	*died = NULL;
	supervised.clean = clean;
	supervised.arg = arg;
	vsp_plat_on_end(clean_and_end);
	int status = work(arg);
	vsp_plat_on_end(NULL);
	return status;
}

/* ---- files that grow ---- */

struct vsp_plat_log {
	HANDLE file;
};

vsp_plat_log *vsp_plat_log_create(const char *path, bool announce, const char **why)
{
	vsp_plat_log *log = announce ? NULL : vsp_alloc(1, sizeof *log);
	*why = announce ? "no profiler of this system takes note of mappings" : strerror(ENOMEM);
	if (!log)
		return NULL;
	vsp_plat_remove(path);
	log->file = vsp_windows_open(path, GENERIC_WRITE, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);
	if (log->file != INVALID_HANDLE_VALUE)
		return log;
	*why = vsp_windows_why(GetLastError());
	vsp_free_memory(log);
	return NULL;
}

bool vsp_plat_log_append(vsp_plat_log *log, const void *data, size_t size)
{
	return vsp_windows_write_all(log->file, data, size);
}

void vsp_plat_log_close(vsp_plat_log *log)
{
	if (!log)
		return;
	CloseHandle(log->file);
	vsp_free_memory(log);
}
