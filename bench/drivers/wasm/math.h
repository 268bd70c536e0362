/* The mathematics the kernels use, for WebAssembly, which has no C library here. */
#define sqrt(x) __builtin_sqrt(x)
