/*
 * The identity of 64-bit ARM processors, from Linux: the kernel's list of the features that
 * programs can use (its documentation, arm64/elf_hwcaps.rst), and the model from MIDR_EL1 (Arm
 * Architecture Reference Manual, D24.2). Where processors differ, the model of the first one stands
 * for all; the features are those that all have.
 */
#include "platform.h"

#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define MODEL_FILE "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1"

/* The register as the kernel writes it, a number in text; zeros if it does not tell. */
static void read_model(char out[24])
{
	int file = open(MODEL_FILE, O_RDONLY | O_CLOEXEC);
	memset(out, 0, 24);
	if (file < 0)
		return;
	if (read(file, out, 23) < 0)
		memset(out, 0, 24);
	close(file);
}

size_t vsp_plat_processor(uint8_t out[VSP_PLAT_PROCESSOR])
{
	uint64_t features[2] = {getauxval(AT_HWCAP), getauxval(AT_HWCAP2)};
	char model[24];
	read_model(model);
	memcpy(out, features, sizeof features);
	memcpy(out + sizeof features, model, sizeof model);
	return features[0] ? sizeof features + sizeof model : 0;
}

void vsp_plat_processor_name(char *out, size_t size)
{
	if (size)
		out[0] = 0;
}
