/*
 * The standard streams on Windows: consoles, pipes and files, each of which has its own way of
 * waiting.
 */
#include "platform.h"
#include "windows_text.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- what a stream is ---- */

static HANDLE handle_of(FILE *stream) { return (HANDLE)_get_osfhandle(_fileno(stream)); }

static bool is_console(HANDLE handle)
{
	DWORD mode;
	return GetConsoleMode(handle, &mode);
}

bool vsp_plat_is_terminal(int stream)
{
	intptr_t handle = _get_osfhandle(stream);
	return handle >= 0 && is_console((HANDLE)handle);
}

/* Consoles show UTF-8 and understand the codes of colours, as long as this process writes to
   them. */
static void prepare_console(DWORD which)
{
	HANDLE handle = GetStdHandle(which);
	DWORD mode;
	if (!handle || !GetConsoleMode(handle, &mode))
		return;
	SetConsoleOutputCP(CP_UTF8);
	SetConsoleMode(handle, mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* A closed stream has no handle, and keeps its number: the C library gives it to nothing else. */
bool vsp_plat_prepare_streams(void)
{
	for (int stream = 0; stream <= 2; stream++)
		if (_get_osfhandle(stream) >= 0)
			_setmode(stream, _O_BINARY);
	prepare_console(STD_OUTPUT_HANDLE);
	prepare_console(STD_ERROR_HANDLE);
	return true;
}

/* ---- time ---- */

static DWORD milliseconds(uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);
	return ns == UINT64_MAX || ms >= INFINITE ? INFINITE : (DWORD)ms;
}

/* The end of a wait that begins now; UINT64_MAX: there is none. */
static uint64_t end_of(uint64_t timeout_ns)
{
	uint64_t now = vsp_plat_clock_ns();
	return timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
}

/* ---- reading ---- */

static long failed_read(void)
{
	DWORD error = GetLastError();
	if (error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF)
		return 0;
	errno = vsp_windows_errno(error);
	return -2;
}

static long read_now(HANDLE handle, void *buffer, size_t size)
{
	DWORD done = 0;
	return ReadFile(handle, buffer, size < LONG_MAX ? (DWORD)size : LONG_MAX, &done, NULL) ? (long)done
	                                                                                       : failed_read();
}

/* Nothing reports that a pipe has bytes, so it is asked again and again, at first often. */
static long read_pipe(HANDLE handle, void *buffer, size_t size, uint64_t timeout_ns)
{
	enum { LONGEST_MS = 10 };
	uint64_t end = end_of(timeout_ns);
	for (DWORD pause = 0;; pause += pause < LONGEST_MS) {
		DWORD waiting = 0;
		bool known = PeekNamedPipe(handle, NULL, 0, NULL, &waiting, NULL);
		if (!known && GetLastError() == ERROR_BROKEN_PIPE)
			return 0;
		if (waiting || (!known && timeout_ns)) /* some pipes, as Wine's of other systems, cannot be asked */
			return read_now(handle, buffer, size);
		if (!known || vsp_plat_clock_ns() >= end)
			return -1;
		Sleep(pause);
	}
}

/*
 * What a person typed is given out in lines, which may be longer than a reader's buffer. There is
 * one console, and one reader of it.
 */
static struct {
	char bytes[4096];
	size_t at, end;
} line;

/* The next part of a line, in UTF-8, with the ends of lines that programs know. */
static bool fill_line(HANDLE handle)
{
	wchar_t wide[sizeof line.bytes / 3];
	DWORD n = 0;
	if (!ReadConsoleW(handle, wide, sizeof wide / sizeof *wide - 1, &n, NULL))
		return false;
	/* A character of two units is not torn apart. */
	if (n && IS_HIGH_SURROGATE(wide[n - 1])) {
		DWORD more = 0;
		ReadConsoleW(handle, wide + n, 1, &more, NULL);
		n += more;
	}
	DWORD kept = 0;
	for (DWORD i = 0; i < n; i++)
		if (wide[i] != '\r')
			wide[kept++] = wide[i];
	enum { END_OF_INPUT = 26 }; /* Ctrl-Z at the begin of a line */
	kept = kept && wide[0] == END_OF_INPUT ? 0 : kept;
	line.at = 0;
	line.end = kept ? (size_t)WideCharToMultiByte(
	                          CP_UTF8, 0, wide, (int)kept, line.bytes, sizeof line.bytes, NULL, NULL)
	                : 0;
	return true;
}

/* Is what the console reports a key that was pressed? Everything else is taken away. */
static bool has_key(HANDLE handle)
{
	INPUT_RECORD record;
	DWORD n = 0;
	while (PeekConsoleInputW(handle, &record, 1, &n) && n) {
		if (record.EventType == KEY_EVENT && record.Event.KeyEvent.bKeyDown)
			return true;
		ReadConsoleInputW(handle, &record, 1, &n);
	}
	return false;
}

/* Once a key was pressed, the console waits for the end of the line. */
static long read_console(HANDLE handle, void *buffer, size_t size, uint64_t timeout_ns)
{
	uint64_t end = end_of(timeout_ns);
	while (line.at == line.end && !has_key(handle)) {
		uint64_t now = vsp_plat_clock_ns();
		if (now >= end ||
		        WaitForSingleObject(handle, milliseconds(end == UINT64_MAX ? end : end - now)) == WAIT_FAILED)
			return -1;
	}
	if (line.at == line.end && !fill_line(handle))
		return failed_read();
	size_t n = line.end - line.at < size ? line.end - line.at : size;
	memcpy(buffer, line.bytes + line.at, n);
	line.at += n;
	return (long)n;
}

long vsp_plat_read_some(FILE *stream, void *buffer, size_t size, uint64_t timeout_ns)
{
	HANDLE handle = handle_of(stream);
	if (GetFileType(handle) == FILE_TYPE_PIPE)
		return read_pipe(handle, buffer, size, timeout_ns);
	if (is_console(handle))
		return read_console(handle, buffer, size, timeout_ns);
	return read_now(handle, buffer, size); /* which does not wait for anybody */
}

/* ---- writing ---- */

/* A pipe that is full cannot be asked, so the time of a write is its reader's. */
long vsp_plat_write_some(FILE *stream, const void *data, size_t size, uint64_t timeout_ns)
{
	DWORD done = 0;
	(void)timeout_ns;
	if (!size)
		return 0;
	if (WriteFile(handle_of(stream), data, size < LONG_MAX ? (DWORD)size : LONG_MAX, &done, NULL))
		return (long)done;
	errno = vsp_windows_errno(GetLastError());
	return -2;
}
