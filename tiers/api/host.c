/*
 * The default host, which keeps the program's output, and the choice between it and the caller's
 * callbacks.
 */
#include "api.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* Makes room for n more bytes and the final 0. */
static bool capture_reserve(vsp_capture *capture, size_t n)
{
	size_t need = capture->length + n + 1, capacity = capture->capacity ? capture->capacity : 256;
	while (capacity < need)
		capacity *= 2;
	if (capacity == capture->capacity)
		return true;
	char *grown = vsp_realloc(capture->text, capacity, 1);
	if (!grown)
		return false;
	capture->text = grown;
	capture->capacity = capacity;
	return true;
}

static int capture_print(void *user, const char *text, size_t length)
{
	vsp_capture *capture = user;
	size_t room = VSP_CAPTURE_MAX - capture->length, n = length < room ? length : room;
	if (!capture_reserve(capture, n))
		return -VSP_TRAP_HOST;
	memcpy(capture->text + capture->length, text, n);
	capture->length += n;
	capture->text[capture->length] = 0;
	return 0;
}

static int capture_byte(void *user, uint32_t port, uint8_t value)
{
	char byte = (char)value;
	return port ? -VSP_TRAP_UNSUPPORTED : capture_print(user, &byte, 1);
}

static int no_byte(void *user, uint32_t port, int32_t *value)
{
	(void)user;
	*value = -1;
	return port ? -VSP_TRAP_UNSUPPORTED : 0;
}

static int no_line(void *user, char *buffer, size_t size, int64_t *length)
{
	(void)user, (void)buffer, (void)size;
	*length = -1;
	return 0;
}

vsp_host vsp_capture_host(vsp_capture *capture)
{
	return (vsp_host){.size = sizeof(vsp_host),
	        .user = capture,
	        .in = no_byte,
	        .out = capture_byte,
	        .sense = no_byte,
	        .act = capture_byte,
	        .print = capture_print,
	        .read_line = no_line};
}

void vsp_capture_clear(vsp_capture *capture)
{
	capture->length = 0;
	if (capture->text)
		capture->text[0] = 0;
}

vsp_status vsp_set_host(vsp_instance *instance, const vsp_host *host)
{
	if (!instance || (host && !host->size))
		return VSP_E_ARGUMENT;
	if (host)
		vsp_copy_sized(&instance->rt.host, sizeof instance->rt.host, host, host->size);
	else
		instance->rt.host = vsp_capture_host(&instance->capture);
	return VSP_OK;
}
