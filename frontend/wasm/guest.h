/*
 * VSP's own instructions for programs that are compiled to WebAssembly: imports of module "vsp",
 * which the translator turns into instructions, and exports "vsp.kernel.NAME", which become
 * kernels.
 */
#ifndef VSP_FRONTEND_WASM_GUEST_H
#define VSP_FRONTEND_WASM_GUEST_H

#include "reader.h"

typedef enum wasm_guest_id {
#define GUEST(NAME, ...) WASM_GUEST_##NAME,
#include "guest.def"
	WASM_GUESTS
} wasm_guest_id;

typedef enum wasm_guest_how {
	WASM_GUEST_HOW_PLAIN,
	WASM_GUEST_HOW_MODIFY,
	WASM_GUEST_HOW_PASS,
	WASM_GUEST_HOW_CHOOSE
} wasm_guest_how;

typedef struct wasm_guest {
	const char *name, *params, *result; /* letters, see guest.def */
	uint16_t form;
	uint8_t how;
} wasm_guest;
extern const wasm_guest wasm_guests[WASM_GUESTS];

/* What an imported function of module "vsp" is, or WASM_GUESTS after a failure. */
wasm_guest_id wasm_guest_find(const wasm_module *m, const wasm_import *import, wasm_reader *r);
bool wasm_is_guest(const wasm_import *import);

/* Is the export a kernel? */
bool wasm_is_kernel(const wasm_export *export);
/* The names of a kernel, and of the kernel that an import "launch.NAME" launches. */
wasm_name wasm_kernel_name(const wasm_export *export);
wasm_name wasm_launched_name(const wasm_import *import);
/* The order of a kernel's name and another: negative, 0 or positive. */
int wasm_kernel_compare(const wasm_export *export, wasm_name name);
/* Fails since there is no kernel that the import launches. */
bool wasm_no_kernel(const wasm_import *import, wasm_reader *r);
/*
 * The function that a kernel's export stands for: linkers put functions around exported ones, which
 * run constructors and destructors.
 */
uint32_t wasm_kernel_function(const wasm_module *m, const wasm_export *export);

#endif
