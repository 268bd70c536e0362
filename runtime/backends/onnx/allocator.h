/*
 * The allocator of ONNX Runtime's tensors, which counts them in an instance's account.
 */
#ifndef VSP_RUNTIME_BACKENDS_ONNX_ALLOCATOR_H
#define VSP_RUNTIME_BACKENDS_ONNX_ALLOCATOR_H

#include "ort.h"
#include "runtime/account.h"

/*
 * Gives the library the allocator. To be called when the environment has been made; again is no
 * fault. The result is null or what failed, to be released.
 */
ort_status *vsp_ort_count(const ort_library *ort);

/*
 * From here to vsp_ort_charge_end the account, which may be null, is charged with what the library
 * allocates on this thread; each block is given back to it when it is freed, on whatever thread.
 * done: the library has done its work; else why gets the reason if it was the account or a lack of
 * memory.
 */
void vsp_ort_charge(vsp_account *account);
void vsp_ort_charge_end(bool done, char *why, size_t size);

#endif
