/*
 * Calls that code below them can abandon, with a section per kind of processor. They do what setjmp
 * and longjmp do, for this one use and in a third of the time: the registers that a callee must
 * preserve are pushed, and only their position has to be remembered. The code is local to the one
 * file that includes this header, runtime/platform/posix.c, because several compiled programs may
 * be linked together.
 *
 * vsp_frame_call calls fn(arg) and returns 0 when that returns. vsp_frame_leave(*frame, outcome),
 * from anywhere below it, makes it return outcome. Signal masks stay as they are.
 *
 * vsp_frame_on calls fn(arg) on another stack that starts at top and grows down; top is a multiple
 * of 16. Where this is not possible VSP_FRAME_STACKS is 0.
 */
#ifndef VSP_RUNTIME_PLATFORM_FRAME_H
#define VSP_RUNTIME_PLATFORM_FRAME_H

/*
 * NEXT: a jump into the function before it, which keeps Apple's linker from removing that function.
 */
#if defined(__APPLE__)
#define VSP_FRAME_SYMBOL(name) "_" name
#define VSP_FRAME_BEGIN(name) ".text\n.p2align 4\n_" name ":\n"
#define VSP_FRAME_NEXT(name) ".alt_entry _" name "\n_" name ":\n"
#define VSP_FRAME_END(name) ""
#else
#define VSP_FRAME_SYMBOL(name) name
#define VSP_FRAME_BEGIN(name) ".text\n.p2align 4\n.type " name ",%function\n" name ":\n"
#define VSP_FRAME_NEXT(name) VSP_FRAME_BEGIN(name)
#define VSP_FRAME_END(name) ".size " name ", .-" name "\n"
#endif

#if defined(__GNUC__) && defined(__x86_64__) && !defined(_WIN32) && !defined(VSP_FRAME_SETJMP)

enum { VSP_FRAME_STACKS = 1 };
int vsp_frame_call(void **frame, void (*fn)(void *), void *arg) __attribute__((visibility("hidden")));
_Noreturn void vsp_frame_leave(void *frame, int outcome) __attribute__((visibility("hidden")));
void vsp_frame_on(void *top, void (*fn)(void *), void *arg) __attribute__((visibility("hidden")));

/*
 * The old stack is found through rbp, which fn preserves; debuggers and unwinders find it the same
 * way.
 */
__asm__(VSP_FRAME_BEGIN("vsp_frame_on") ".cfi_startproc\n"
                                        "pushq %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n"
                                        "movq %rsp, %rbp\n.cfi_def_cfa_register %rbp\n"
                                        "movq %rdi, %rsp\n"
                                        "movq %rdx, %rdi\n"
                                        "callq *%rsi\n"
                                        "movq %rbp, %rsp\n"
                                        "popq %rbp\n.cfi_def_cfa %rsp, 8\n"
                                        "retq\n"
                                        ".cfi_endproc\n" VSP_FRAME_END("vsp_frame_on"));

/* System V ABI: callees preserve rbx, rbp and r12 to r15; rsp is a multiple of 16 at calls. */
__asm__(VSP_FRAME_BEGIN("vsp_frame_call") ".cfi_startproc\n"
                                          "pushq %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset %rbp, -16\n"
                                          "pushq %rbx\n.cfi_def_cfa_offset 24\n.cfi_offset %rbx, -24\n"
                                          "pushq %r12\n.cfi_def_cfa_offset 32\n.cfi_offset %r12, -32\n"
                                          "pushq %r13\n.cfi_def_cfa_offset 40\n.cfi_offset %r13, -40\n"
                                          "pushq %r14\n.cfi_def_cfa_offset 48\n.cfi_offset %r14, -48\n"
                                          "pushq %r15\n.cfi_def_cfa_offset 56\n.cfi_offset %r15, -56\n"
                                          "subq $8, %rsp\n.cfi_def_cfa_offset 64\n"
                                          "movq %rsp, (%rdi)\n"
                                          "movq %rdx, %rdi\n"
                                          "callq *%rsi\n"
                                          "xorl %eax, %eax\n"
                                          "1:\n"
                                          "addq $8, %rsp\n.cfi_def_cfa_offset 56\n"
                                          "popq %r15\n.cfi_def_cfa_offset 48\n"
                                          "popq %r14\n.cfi_def_cfa_offset 40\n"
                                          "popq %r13\n.cfi_def_cfa_offset 32\n"
                                          "popq %r12\n.cfi_def_cfa_offset 24\n"
                                          "popq %rbx\n.cfi_def_cfa_offset 16\n"
                                          "popq %rbp\n.cfi_def_cfa_offset 8\n"
                                          "retq\n"
                                          ".cfi_endproc\n" VSP_FRAME_END("vsp_frame_call") VSP_FRAME_NEXT(
                                                  "vsp_frame_leave") "movq %rdi, %rsp\n"
                                                                     "movl %esi, %eax\n"
                                                                     "jmp 1b\n" VSP_FRAME_END("vsp_frame_leave"));

#elif defined(__GNUC__) && defined(__aarch64__) && !defined(_WIN32) && !defined(VSP_FRAME_SETJMP)

enum { VSP_FRAME_STACKS = 1 };
int vsp_frame_call(void **frame, void (*fn)(void *), void *arg) __attribute__((visibility("hidden")));
_Noreturn void vsp_frame_leave(void *frame, int outcome) __attribute__((visibility("hidden")));
void vsp_frame_on(void *top, void (*fn)(void *), void *arg) __attribute__((visibility("hidden")));

__asm__(VSP_FRAME_BEGIN("vsp_frame_on") ".cfi_startproc\n"
                                        "stp x29, x30, [sp, #-16]!\n.cfi_def_cfa_offset 16\n.cfi_offset w29, "
                                        "-16\n.cfi_offset w30, -8\n"
                                        "mov x29, sp\n.cfi_def_cfa w29, 16\n"
                                        "mov sp, x0\n"
                                        "mov x0, x2\n"
                                        "blr x1\n"
                                        "mov sp, x29\n"
                                        "ldp x29, x30, [sp], #16\n.cfi_def_cfa wsp, 0\n"
                                        "ret\n"
                                        ".cfi_endproc\n" VSP_FRAME_END("vsp_frame_on"));

/* AAPCS64: callees preserve x19 to x30 and d8 to d15. */
__asm__(VSP_FRAME_BEGIN("vsp_frame_call") ".cfi_startproc\n"
                                          "stp x29, x30, [sp, #-160]!\n.cfi_def_cfa_offset 160\n.cfi_offset w29, "
                                          "-160\n.cfi_offset w30, -152\n"
                                          "stp x19, x20, [sp, #16]\n.cfi_offset w19, -144\n.cfi_offset w20, -136\n"
                                          "stp x21, x22, [sp, #32]\n.cfi_offset w21, -128\n.cfi_offset w22, -120\n"
                                          "stp x23, x24, [sp, #48]\n.cfi_offset w23, -112\n.cfi_offset w24, -104\n"
                                          "stp x25, x26, [sp, #64]\n.cfi_offset w25, -96\n.cfi_offset w26, -88\n"
                                          "stp x27, x28, [sp, #80]\n.cfi_offset w27, -80\n.cfi_offset w28, -72\n"
                                          "stp d8, d9, [sp, #96]\n"
                                          "stp d10, d11, [sp, #112]\n"
                                          "stp d12, d13, [sp, #128]\n"
                                          "stp d14, d15, [sp, #144]\n"
                                          "mov x9, sp\n"
                                          "str x9, [x0]\n"
                                          "mov x0, x2\n"
                                          "blr x1\n"
                                          "mov w0, #0\n"
                                          "1:\n"
                                          "ldp d14, d15, [sp, #144]\n"
                                          "ldp d12, d13, [sp, #128]\n"
                                          "ldp d10, d11, [sp, #112]\n"
                                          "ldp d8, d9, [sp, #96]\n"
                                          "ldp x27, x28, [sp, #80]\n"
                                          "ldp x25, x26, [sp, #64]\n"
                                          "ldp x23, x24, [sp, #48]\n"
                                          "ldp x21, x22, [sp, #32]\n"
                                          "ldp x19, x20, [sp, #16]\n"
                                          "ldp x29, x30, [sp], #160\n.cfi_def_cfa_offset 0\n"
                                          "ret\n"
                                          ".cfi_endproc\n" VSP_FRAME_END("vsp_frame_call") VSP_FRAME_NEXT(
                                                  "vsp_frame_leave") "mov sp, x0\n"
                                                                     "mov w0, w1\n"
                                                                     "b 1b\n" VSP_FRAME_END("vsp_frame_leave"));

#elif defined(__GNUC__) && defined(__riscv) && __riscv_xlen == 64 && __riscv_flen == 64 && !defined(VSP_FRAME_SETJMP)

enum { VSP_FRAME_STACKS = 1 };
int vsp_frame_call(void **frame, void (*fn)(void *), void *arg) __attribute__((visibility("hidden")));
_Noreturn void vsp_frame_leave(void *frame, int outcome) __attribute__((visibility("hidden")));
void vsp_frame_on(void *top, void (*fn)(void *), void *arg) __attribute__((visibility("hidden")));

__asm__(VSP_FRAME_BEGIN("vsp_frame_on") ".cfi_startproc\n"
                                        "addi sp, sp, -16\n.cfi_def_cfa_offset 16\n"
                                        "sd ra, 8(sp)\n.cfi_offset ra, -8\n"
                                        "sd s0, 0(sp)\n.cfi_offset s0, -16\n"
                                        "addi s0, sp, 16\n.cfi_def_cfa s0, 0\n"
                                        "mv sp, a0\n"
                                        "mv a0, a2\n"
                                        "jalr a1\n"
                                        "addi sp, s0, -16\n.cfi_def_cfa sp, 16\n"
                                        "ld ra, 8(sp)\n"
                                        "ld s0, 0(sp)\n"
                                        "addi sp, sp, 16\n.cfi_def_cfa_offset 0\n"
                                        "ret\n"
                                        ".cfi_endproc\n" VSP_FRAME_END("vsp_frame_on"));

/*
 * RISC-V psABI, lp64d: callees preserve s0 to s11 and fs0 to fs11. Outside functions clang knows no
 * floats unless it is told.
 */
__asm__(".option push\n.option arch, +d\n" VSP_FRAME_BEGIN(
        "vsp_frame_call") ".cfi_startproc\n"
                          "addi sp, sp, -208\n.cfi_def_cfa_offset 208\n"
                          "sd ra, 200(sp)\n.cfi_offset ra, -8\n"
                          "sd s0, 192(sp)\n.cfi_offset s0, -16\n"
                          "sd s1, 184(sp)\nsd s2, 176(sp)\nsd s3, 168(sp)\nsd s4, 160(sp)\nsd s5, 152(sp)\nsd s6, "
                          "144(sp)\n"
                          "sd s7, 136(sp)\nsd s8, 128(sp)\nsd s9, 120(sp)\nsd s10, 112(sp)\nsd s11, 104(sp)\n"
                          "fsd fs0, 96(sp)\nfsd fs1, 88(sp)\nfsd fs2, 80(sp)\nfsd fs3, 72(sp)\nfsd fs4, 64(sp)\nfsd "
                          "fs5, 56(sp)\n"
                          "fsd fs6, 48(sp)\nfsd fs7, 40(sp)\nfsd fs8, 32(sp)\nfsd fs9, 24(sp)\nfsd fs10, 16(sp)\nfsd "
                          "fs11, 8(sp)\n"
                          "sd sp, 0(a0)\n"
                          "mv a0, a2\n"
                          "jalr a1\n"
                          "li a0, 0\n"
                          "1:\n"
                          "fld fs11, 8(sp)\nfld fs10, 16(sp)\nfld fs9, 24(sp)\nfld fs8, 32(sp)\nfld fs7, 40(sp)\nfld "
                          "fs6, 48(sp)\n"
                          "fld fs5, 56(sp)\nfld fs4, 64(sp)\nfld fs3, 72(sp)\nfld fs2, 80(sp)\nfld fs1, 88(sp)\nfld "
                          "fs0, 96(sp)\n"
                          "ld s11, 104(sp)\nld s10, 112(sp)\nld s9, 120(sp)\nld s8, 128(sp)\nld s7, 136(sp)\nld s6, "
                          "144(sp)\n"
                          "ld s5, 152(sp)\nld s4, 160(sp)\nld s3, 168(sp)\nld s2, 176(sp)\nld s1, 184(sp)\n"
                          "ld s0, 192(sp)\nld ra, 200(sp)\n"
                          "addi sp, sp, 208\n.cfi_def_cfa_offset 0\n"
                          "ret\n"
                          ".cfi_endproc\n" VSP_FRAME_END("vsp_frame_call") VSP_FRAME_NEXT(
                                  "vsp_frame_leave") "mv sp, a0\n"
                                                     "mv a0, a1\n"
                                                     "j 1b\n" VSP_FRAME_END("vsp_frame_leave") ".option pop\n");

#else

#include <setjmp.h>

enum { VSP_FRAME_STACKS = 0 };
static inline void vsp_frame_on(void *top, void (*fn)(void *), void *arg)
{
	(void)top;
	fn(arg);
}

/* The way of standard C, which sanitizers understand. */
static inline int vsp_frame_call(void **frame, void (*fn)(void *), void *arg)
{
	jmp_buf back;
	*frame = &back;
	int outcome = _setjmp(back);
	if (outcome == 0)
		fn(arg);
	return outcome;
}

static inline _Noreturn void vsp_frame_leave(void *frame, int outcome) { _longjmp(*(jmp_buf *)frame, outcome); }

#endif

#endif
