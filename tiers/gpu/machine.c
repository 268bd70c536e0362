/*
 * LLVM's code generators for devices. They make code for the oldest devices that there may be:
 * SPIR-V 1.0, which every OpenCL with intermediate language takes, and the first GPUs that today's
 * drivers still know.
 */
#include "machine.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <stddef.h>

#include "runtime/platform/platform.h"

static const struct device {
	const char *triple, *processor, *features;
	/*
	 * SPIR-V is made as it stands: the preparation for machine code would form additions with
	 * carry, which the translators to SPIR do not know.
	 */
	LLVMCodeGenOptLevel level;
} devices[VSP_DEVICE_FORMATS] = {
        [VSP_DEVICE_SPIRV] = {"spirv64v1.0-unknown-unknown", "", "", LLVMCodeGenLevelNone},
        [VSP_DEVICE_PTX] = {"nvptx64-nvidia-cuda", "sm_50", "+ptx60", LLVMCodeGenLevelDefault},
};

static void initialise(void)
{
	LLVMInitializeSPIRVTargetInfo();
	LLVMInitializeSPIRVTarget();
	LLVMInitializeSPIRVTargetMC();
	LLVMInitializeSPIRVAsmPrinter();
	LLVMInitializeNVPTXTargetInfo();
	LLVMInitializeNVPTXTarget();
	LLVMInitializeNVPTXTargetMC();
	LLVMInitializeNVPTXAsmPrinter();
}

const char *vsp_gpu_triple(enum vsp_device_format format) { return devices[format].triple; }

LLVMTargetMachineRef vsp_gpu_machine(enum vsp_device_format format, const char **why)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	const struct device *device = &devices[format];
	LLVMTargetRef target;
	char *message = NULL;
	vsp_plat_call_once(&once, initialise);
	if (LLVMGetTargetFromTriple(device->triple, &target, &message)) {
		LLVMDisposeMessage(message);
		*why = "LLVM has no code generator for the device";
		return NULL;
	}
	LLVMTargetMachineRef machine = LLVMCreateTargetMachine(target, device->triple, device->processor,
	        device->features, device->level, LLVMRelocPIC, LLVMCodeModelDefault);
	if (!machine)
		*why = "LLVM cannot generate code for the device";
	return machine;
}
