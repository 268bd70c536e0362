/*
 * The file names of shared objects, as each system calls them: those of others that VSP opens, and
 * its own; and whether it can open any.
 */
#ifndef VSP_RUNTIME_PLATFORM_LIBRARY_NAMES_H
#define VSP_RUNTIME_PLATFORM_LIBRARY_NAMES_H

#include <stdbool.h>

/* False: none can ever be opened, whatever is installed; as in static programs. */
bool vsp_plat_opens_libraries(void);
/* What is said then, behind a name. */
#define VSP_LIBRARIES_NEVER " cannot be opened: this build of VSP opens no shared objects"

#if defined(_WIN32)
#define VSP_LIBRARY_CUDA "nvcuda.dll"
#define VSP_LIBRARY_OPENCL "OpenCL.dll"
#define VSP_LIBRARY_ONNXRUNTIME "onnxruntime.dll"
#define VSP_LIBRARY_OWN(part) "libvsp-" part ".dll"
#else
#define VSP_LIBRARY_CUDA "libcuda.so.1"
#define VSP_LIBRARY_OPENCL "libOpenCL.so.1"
#define VSP_LIBRARY_ONNXRUNTIME "libonnxruntime.so.1"
#define VSP_LIBRARY_OWN(part) "libvsp-" part ".so"
#endif

#endif
