/*
 * What OpenCL's loader will open: the files that name drivers, in the folder of vendors or where
 * the environment says, and the drivers. It would wait at a FIFO for ever, so these are looked at
 * before it is opened. What it does with ordinary files is its own business.
 */
#include "opencl_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/platform/platform.h"

#define VENDORS "/etc/OpenCL/vendors"

typedef struct search {
	const char *folder;
	char *why;
	size_t size;
	bool good;
} search;

static bool is_waiting(const char *path)
{
	vsp_plat_stamp stamp;
	return vsp_plat_file_stamp(path, &stamp) && !stamp.is_directory && !stamp.is_regular;
}

static void refuse(search *s, const char *path)
{
	s->good = false;
	snprintf(s->why, s->size,
	        "'%.80s', where OpenCL's loader looks for drivers, is no ordinary file: remove it, or let "
	        "OCL_ICD_VENDORS name another folder",
	        path);
}

/* The driver that a file names, by its path; bare names are the system's to find. */
static void look_at_named(search *s, const char *icd)
{
	char path[1024];
	const char *why;
	size_t size = 0;
	uint8_t *text = vsp_plat_file_read(icd, sizeof path, &size, &why);
	if (!text)
		return;
	snprintf(path, sizeof path, "%.*s", (int)size, (const char *)text);
	vsp_plat_file_free(text, size);
	path[strcspn(path, "\r\n")] = 0;
	if (is_waiting(path))
		refuse(s, path);
}

static void look_at_file(search *s, const char *path)
{
	if (is_waiting(path))
		refuse(s, path);
	else
		look_at_named(s, path);
}

static bool is_icd(const char *name)
{
	size_t length = strlen(name);
	return length > 4 && strcmp(name + length - 4, ".icd") == 0;
}

static void look_at(void *user, const char *name)
{
	search *s = user;
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/%s", s->folder, name);
	if (s->good && is_icd(name) && n > 0 && (size_t)n < sizeof path)
		look_at_file(s, path);
}

/* A folder, a file that names a driver, or the driver. What is not there, the loader does not find
   either. */
static void look_at_place(search *s, const char *place)
{
	if (is_icd(place))
		look_at_file(s, place);
	else if (is_waiting(place))
		refuse(s, place);
	s->folder = place;
	if (s->good)
		vsp_plat_directory_list(place, look_at, s);
}

bool vsp_opencl_vendors_are_files(char *why, size_t size)
{
	static const char *const variables[] = {"OCL_ICD_VENDORS", "OPENCL_VENDOR_PATH"};
	search s = {.why = why, .size = size, .good = true};
	bool named = false;
	for (size_t i = 0; i < sizeof variables / sizeof *variables && s.good; i++) {
		const char *place = getenv(variables[i]);
		if (!place || !*place)
			continue;
		named = true;
		look_at_place(&s, place);
	}
	if (!named)
		look_at_place(&s, VENDORS);
	return s.good;
}
