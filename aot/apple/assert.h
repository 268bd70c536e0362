/*
 * With the other headers of this folder: what the runtime of compiled programs needs of the C library of Apple's systems, so that objects for them are
 * made without their SDK. Only what the runtime uses is declared. Types and numbers are part of the system's binary interface, which is the same
 * on both of its 64-bit processors and does not change; static assertions hold what sizes are known. The types of C itself come from clang.
 */
#ifndef VSP_APPLE_ASSERT_H
#define VSP_APPLE_ASSERT_H

#define static_assert _Static_assert

#endif
