/*
 * VSP's own instructions for programs that are compiled to WebAssembly, in C or C++:
 *
 *     vspc --cc prog.c                                  finds this header by itself
 *     clang-22 --target=wasm32-wasi -O2 -I PREFIX/include prog.c -o prog.wasm
 *
 * The functions are imports of module "vsp"; VSP's translator turns each call into its instruction
 * and checks its parameters. Other engines see imports that are missing. Parameters that are called
 * op, amount or part, and numbers of models and batches, must be constants.
 *
 * A ByteSil is a complex number in 8 bits, the lowest of an int32_t (docs/isa.md says how). All
 * addresses are those of the program.
 */
#ifndef VSP_GUEST_H
#define VSP_GUEST_H

#include <stdint.h>

#ifdef __cplusplus
#define VSP_C extern "C"
#else
#define VSP_C extern
#endif
#define VSP_IMPORT(name) VSP_C __attribute__((import_module("vsp"), import_name(name)))

/* ---- ByteSil ---- */

VSP_IMPORT("mul_b") int32_t vsp_mul_b(int32_t a, int32_t b);
VSP_IMPORT("div_b") int32_t vsp_div_b(int32_t a, int32_t b);
VSP_IMPORT("add_b") int32_t vsp_add_b(int32_t a, int32_t b);
VSP_IMPORT("sub_b") int32_t vsp_sub_b(int32_t a, int32_t b);
VSP_IMPORT("xorl") int32_t vsp_xorl(int32_t a, int32_t b);
VSP_IMPORT("andl") int32_t vsp_andl(int32_t a, int32_t b);
VSP_IMPORT("orl") int32_t vsp_orl(int32_t a, int32_t b);
VSP_IMPORT("notl") int32_t vsp_notl(int32_t a);
/* To a power, a root, rho and theta moved: amount from -128 to 127. */
VSP_IMPORT("pow_b") int32_t vsp_pow_b(int32_t a, int32_t amount);
VSP_IMPORT("root_b") int32_t vsp_root_b(int32_t a, int32_t amount);
VSP_IMPORT("scale_b") int32_t vsp_scale_b(int32_t a, int32_t amount);
VSP_IMPORT("rotate_b") int32_t vsp_rotate_b(int32_t a, int32_t amount);
VSP_IMPORT("inv_b") int32_t vsp_inv_b(int32_t a);
VSP_IMPORT("conj_b") int32_t vsp_conj_b(int32_t a);
VSP_IMPORT("mag_b") int32_t vsp_mag_b(int32_t a);
VSP_IMPORT("phase_b") int32_t vsp_phase_b(int32_t a);
/* Between a and b: part of 255. */
VSP_IMPORT("lerp_b") int32_t vsp_lerp_b(int32_t a, int32_t b, int32_t part);
VSP_IMPORT("slerp_b") int32_t vsp_slerp_b(int32_t a, int32_t b, int32_t part);
/* Of an integer or double, and back. */
VSP_IMPORT("i2b") int32_t vsp_i2b(int32_t value);
VSP_IMPORT("b2i") int32_t vsp_b2i(int32_t a);
VSP_IMPORT("f2b") int32_t vsp_f2b(double value);
VSP_IMPORT("b2f") double vsp_b2f(int32_t a);

/* ---- batches: instructions on many values, which may run on any back end ---- */

enum { VSP_MUL, VSP_DIV, VSP_ADD, VSP_SUB, VSP_XORL, VSP_ANDL, VSP_ORL, VSP_COPY, VSP_CONJ, VSP_INV };
enum { VSP_RED_MUL = 0, VSP_RED_ADD = 2, VSP_RED_XOR = 4 };

/* dst[i] = dst[i] op src[i], or op src[i], for n bytes. */
VSP_IMPORT("vmap") void vsp_vmap(int32_t op, void *dst, const void *src, uint32_t n);
/* The bytes at src, folded from left to right. */
VSP_IMPORT("vred") int32_t vsp_vred(int32_t op, const void *src, uint32_t n);
/* Gradients, 16 floats each, of n states of 16 ByteSil; and one step of descent of these states. */
VSP_IMPORT("gradb") void vsp_gradb(const void *states, uint32_t n, float *gradients);
VSP_IMPORT("descb") void vsp_descb(void *states, uint32_t n, const float *gradients, double rate);

VSP_IMPORT("hint_cpu") void vsp_hint_cpu(void);
VSP_IMPORT("hint_gpu") void vsp_hint_gpu(void);
VSP_IMPORT("hint_npu") void vsp_hint_npu(void);
VSP_IMPORT("hint_any") void vsp_hint_any(void);

/* Between these, batch instructions may run while the program goes on: about n of them. unbatch and
   fence wait for them. */
VSP_IMPORT("batch") void vsp_batch(int32_t n);
VSP_IMPORT("unbatch") void vsp_unbatch(void);
VSP_IMPORT("fence") void vsp_fence(void);

/* ---- models ---- */

/*
 * Names a model, at file scope; vspc --model NAME=FILE gives it. Models are numbered from 0 in the
 * order of these lines, and of the files that are linked. vsp_infer runs number model on batch
 * inputs: floats, or what the model says, packed in its order.
 */
#define VSP_MODEL(name) \
	__asm__(".section .custom_section.vsp.models,\"\",@\n\t.asciz \"" #name "\"\n\t.section .text,\"\",@\n")
VSP_IMPORT("infer") void vsp_infer(int32_t model, const void *in, void *out, uint32_t batch);

/* ---- kernels ---- */

/*
 * Defines a kernel, which runs for many numbers i at a time, in any order, on the CPU or a GPU:
 *
 *     VSP_KERNEL(square) { struct work *w = block; w->values[i] *= w->values[i]; }
 *     vsp_launch(square, 1000, &work);
 *
 * A kernel may compute, load and store, and call functions that do no more. It has no stack, so it
 * takes no address of a local variable, and reads no global variable but constants.
 */
#define VSP_KERNEL(name) \
	VSP_IMPORT("launch." #name) void vsp_launch_##name(uint32_t n, void *block); \
	VSP_C void name(uint32_t i, void *block); \
	__attribute__((export_name("vsp.kernel." #name))) void name(uint32_t i, void *block)
/* Runs the kernel for i from 0 to n - 1. */
#define vsp_launch(name, n, block) vsp_launch_##name((n), (block))

/*
 * The block that a kernel gets begins with the list of the ranges of memory that it uses besides:
 *
 *     struct work { vsp_ranges(2); float *values; };
 *     vsp_range(&work.range[0], values, sizeof values, VSP_IN | VSP_OUT);
 *
 * A device of its own memory copies these, and VSP_OUT alone says that every byte is written.
 */
enum { VSP_IN = 1, VSP_OUT = 2 };
struct vsp_range {
	uint32_t address, length, flags; /* filled by vsp_range */
};
/* Members range_count, which is to be set to the number of ranges in use, and range. */
#define vsp_ranges(n) \
	uint32_t range_count; \
	struct vsp_range range[n]
/* Where VSP has the program's address: devices know memory by this. */
VSP_IMPORT("linear") uint32_t vsp_linear(const void *address);
static inline void vsp_range(struct vsp_range *range, const void *address, uint32_t bytes, uint32_t flags)
{
	range->address = vsp_linear(address);
	range->length = bytes;
	range->flags = flags;
}

#endif
