/*
 * Programs of OpenCL from SPIR-V: as it is, or for devices that know only SPIR through the
 * translator llvm-spirv, by files in a folder of this process's own.
 */
#include "opencl_parts.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/random_name.h"

enum { MOST_BITCODE = 64 << 20 };

static const char *build(opencl_device *d, cl_object program, const char *options)
{
	char log[256] = "";
	cl_int code = d->api->clBuildProgram(program, 1, &d->id, options, NULL, NULL);
	if (code == CL_SUCCESS)
		return NULL;
	d->api->clGetProgramBuildInfo(program, d->id, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
	log[strcspn(log, "\n")] = 0;
	snprintf(d->message, sizeof d->message, "the device refuses the code (OpenCL error %d): %s", (int)code, log);
	return d->message;
}

/* The division of floats is correctly rounded only when that is asked for. */
static void add_division(const vsp_device_code *code, char *options, size_t size)
{
	if (code->needs & VSP_DEVICE_F32)
		snprintf(options + strlen(options), size - strlen(options), " -cl-fp32-correctly-rounded-divide-sqrt");
}

/* ---- SPIR ---- */

static const char *translate(opencl_device *d, const char *from, const char *to)
{
	static const char *const names[] = {"llvm-spirv", "llvm-spirv-15", "llvm-spirv-14", "llvm-spirv-13"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char output[200] = "";
		int status = 0;
		const char *words[] = {names[i], "-r", "--spirv-target-env=CL1.2", from, "-o", to, NULL};
		vsp_plat_run_result result = vsp_plat_run(words, output, sizeof output, &status);
		if (result == VSP_PLAT_RUN_MISSING)
			continue;
		if (result == VSP_PLAT_RUN_DONE && status == 0)
			return NULL;
		output[strcspn(output, "\n")] = 0;
		snprintf(d->message, sizeof d->message, "%s has failed: %s", names[i], output);
		return d->message;
	}
	return "the device takes SPIR, and the translator is missing (Debian: apt install llvm-spirv-15)";
}

static const char *make_from(opencl_device *d, const uint8_t *bitcode, size_t size, cl_object *program)
{
	cl_int status, code;
	const unsigned char *bytes = bitcode;
	*program = d->api->clCreateProgramWithBinary(d->context, 1, &d->id, &size, &bytes, &status, &code);
	if (*program)
		return NULL;
	snprintf(d->message, sizeof d->message, "the device refuses SPIR (OpenCL error %d)", (int)code);
	return d->message;
}

static const char *program_in(opencl_device *d, const char *folder, const vsp_device_code *code, cl_object *program)
{
	char from[160], to[160];
	snprintf(from, sizeof from, "%s/kernel.spv", folder);
	snprintf(to, sizeof to, "%s/kernel.bc", folder);
	const char *why = vsp_plat_file_write(from, code->bytes, code->size);
	if (!why)
		why = translate(d, from, to);
	if (why)
		return why;
	size_t size;
	uint8_t *bitcode = vsp_plat_file_read(to, MOST_BITCODE, &size, &why);
	if (bitcode)
		why = make_from(d, bitcode, size, program);
	vsp_free_memory(bitcode);
	return why;
}

static const char *spir_program(opencl_device *d, const vsp_device_code *code, cl_object *program)
{
	char folder[80], digits[VSP_RANDOM_DIGITS];
	vsp_random_digits(digits);
	snprintf(folder, sizeof folder, "/tmp/vsp-kernel-%s", digits);
	const char *why = vsp_plat_make_own_folder(folder);
	if (why)
		return why;
	why = program_in(d, folder, code, program);
	vsp_plat_remove_folder(folder);
	return why;
}

const char *vsp_opencl_program(opencl_device *d, const vsp_device_code *code, cl_object *program)
{
	char options[128] = "";
	cl_int error;
	const char *why = NULL;
	*program = NULL;
	if (d->il) {
		*program = d->api->clCreateProgramWithIL(d->context, code->bytes, code->size, &error);
		why = *program ? NULL : "the device refuses SPIR-V";
	} else {
		snprintf(options, sizeof options, "-x spir -spir-std=1.2");
		why = spir_program(d, code, program);
	}
	add_division(code, options, sizeof options);
	if (!why)
		why = build(d, *program, options);
	if (why && *program) {
		d->api->clReleaseProgram(*program);
		*program = NULL;
	}
	return why;
}
