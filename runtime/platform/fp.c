/*
 * The floating-point environment of programs: round to nearest, subnormals on, exceptions masked.
 * Each kind of processor has a section, since C11's <fenv.h> cannot see the bits that flush
 * subnormals. All platforms share this file.
 *
 * Reading the control register costs a few nanoseconds, so it is read once per entry; on the way
 * back only a host with other modes costs a write.
 *
 * The C library converts between numbers and text in the modes of its caller. On x86, glibc asks
 * the older unit, the x87, for the rounding mode, though it computes with the newer one. So the
 * x87's modes must be set too.
 */
#include "platform.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <immintrin.h>

/*
 * MXCSR, Intel SDM volume 1, 10.2.3: bits 0-5 exception flags, 6 DAZ, 7-12 exception masks, 13-14
 * rounding, 15 FTZ.
 */
enum { FP_CONTROL = 0xFFC0, FP_WANTED = 0x1F80 };
static uint64_t fp_read(void) { return _mm_getcsr(); }
static void fp_write(uint64_t v) { _mm_setcsr((unsigned)v); }

#elif defined(__arm__) && defined(__ARM_FP) && defined(__GNUC__)

/* FPSCR, Arm ARM A2.5.3: trap enables 8-12 and 15, FZ16 19, RMode 22-23, FZ 24, DN 25. */
enum { FP_CONTROL = 0x03C89F00, FP_WANTED = 0 };
static uint64_t fp_read(void)
{
	uint32_t v;
	__asm__ volatile("vmrs %0, fpscr" : "=r"(v));
	return v;
}
static void fp_write(uint64_t v) { __asm__ volatile("vmsr fpscr, %0" : : "r"((uint32_t)v)); }

#elif defined(__aarch64__) && defined(__GNUC__)

/*
 * FPCR, Arm ARM C5.2: FIZ 0, AH 1, NEP 2, trap enables 8-12 and 15, FZ16 19, RMode 22-23, FZ 24, DN
 * 25.
 */
enum { FP_CONTROL = 0x03C89F07, FP_WANTED = 0 };
static uint64_t fp_read(void)
{
	uint64_t v;
	__asm__ volatile("mrs %0, fpcr" : "=r"(v));
	return v;
}
static void fp_write(uint64_t v) { __asm__ volatile("msr fpcr, %0" : : "r"(v)); }

#elif defined(__riscv_flen) && defined(__GNUC__)

/*
 * fcsr, RISC-V unprivileged ISA, chapter "F": flags 0-4, rounding mode 5-7. It has no flush mode
 * and no traps.
 */
enum { FP_CONTROL = 0xE0, FP_WANTED = 0 };
static uint64_t fp_read(void)
{
	unsigned long v;
	__asm__ volatile("frcsr %0" : "=r"(v));
	return v;
}
static void fp_write(uint64_t v) { __asm__ volatile("fscsr %0" : : "r"((unsigned long)v)); }

#else

#include <fenv.h>

/*
 * C11 knows only the rounding mode; -1 and values beyond 16 bits do not occur. Targets without
 * modes define only FE_TONEAREST.
 */
enum { FP_CONTROL = 0xFFFFFFF, FP_WANTED = FE_TONEAREST };
static uint64_t fp_read(void) { return (uint64_t)fegetround(); }
static void fp_write(uint64_t v) { fesetround((int)v); }

#endif

bool vsp_plat_fp_is_odd(uint64_t saved) { return (saved & FP_CONTROL) != FP_WANTED; }

uint64_t vsp_plat_fp_enter(void)
{
	uint64_t saved = fp_read();
	if (vsp_plat_fp_is_odd(saved))
		fp_write((saved & ~(uint64_t)FP_CONTROL) | FP_WANTED);
	return saved;
}

void vsp_plat_fp_restore(uint64_t saved)
{
	if (vsp_plat_fp_is_odd(saved))
		fp_write(saved);
}

/*
 * The x87's control word, Intel SDM volume 1, 8.1.5: exceptions masked, 64 bits of precision, round
 * to nearest.
 */
#if defined(__GNUC__) && defined(__x86_64__)
enum { X87_WANTED = 0x037F };
static uint16_t x87_read(void)
{
	uint16_t v;
	__asm__ volatile("fnstcw %0" : "=m"(v));
	return v;
}
static void x87_write(uint16_t v) { __asm__ volatile("fldcw %0" : : "m"(v)); }
#else
enum { X87_WANTED = 0 };
static uint16_t x87_read(void) { return X87_WANTED; }
static void x87_write(uint16_t v) { (void)v; }
#endif

vsp_plat_fp_text vsp_plat_fp_text_enter(void)
{
	vsp_plat_fp_text saved = {vsp_plat_fp_enter(), x87_read()};
	if (saved.x87 != X87_WANTED)
		x87_write(X87_WANTED);
	return saved;
}

void vsp_plat_fp_text_restore(vsp_plat_fp_text saved)
{
	if (saved.x87 != X87_WANTED)
		x87_write(saved.x87);
	vsp_plat_fp_restore(saved.modes);
}
