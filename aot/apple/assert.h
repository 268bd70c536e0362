/*
 * Assertions on Apple's systems.
 *
 * The headers of this folder declare the parts of Apple's C library that VSP and the runtime of
 * compiled programs use, so that both are made for these systems without the SDK. Types and numbers
 * are part of the system's binary interface, which is the same on both of its 64-bit processors and
 * does not change; static assertions check the sizes that are known. The types of C itself are
 * clang's.
 */
#ifndef VSP_APPLE_ASSERT_H
#define VSP_APPLE_ASSERT_H

#define static_assert _Static_assert

#endif
