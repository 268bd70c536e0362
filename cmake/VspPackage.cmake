# Packages of what is installed, by `cmake --build BUILD --target package`: on Linux an archive
# (.tar.xz) and, where Debian's dpkg-shlibdeps is, a Debian package; for Windows a .zip.
set(CPACK_PACKAGE_NAME vsp)
set(CPACK_PACKAGE_VENDOR "The VSP developers")
set(CPACK_PACKAGE_CONTACT "The VSP developers <vsp@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tiered compiler and sandbox for SIL programs")
set(CPACK_PACKAGE_DESCRIPTION "The Virtual SIL Processor runs programs for signal processing, written in assembly or
made by compilers for WebAssembly: interpreted, compiled while they run, or ahead of time. The
package has the command vspc, the library libvsp and its headers.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RESOURCE_FILE_README ${PROJECT_SOURCE_DIR}/README.md)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_THREADS 0)
# GNU strip damages what llvm-bolt wrote (docs/building.md).
set(CPACK_STRIP_FILES OFF)
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" vsp_machine)
set(CPACK_PACKAGE_FILE_NAME vsp-${PROJECT_VERSION}-${vsp_machine})

if(WIN32)
  set(CPACK_GENERATOR ZIP)
else()
  set(CPACK_GENERATOR TXZ)
  find_program(VSP_SHLIBDEPS dpkg-shlibdeps)
  if(VSP_SHLIBDEPS)
    list(APPEND CPACK_GENERATOR DEB)
  endif()
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# The libraries that the binaries need, and none of the package's own. dpkg-shlibdeps says nothing
# of LLVM's, which the run path finds in a folder of LLVM's own, as a link that its -dev package
# owns.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(VSP_HAVE_LLVM)
  string(REGEX MATCH "^[0-9]+" vsp_llvm_major "${VSP_LLVM_VERSION}")
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libllvm${vsp_llvm_major}")
endif()
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS OFF)
# Programs compiled ahead of time are linked by a C compiler; clang compiles their runtime for other
# machines.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gcc | c-compiler, clang-22 | clang")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "pocl-opencl-icd | opencl-icd, wasi-libc, gdb, linux-perf")
# The libraries for MPI need MPI, so Debian gets them as a package of their own.
if(VSP_MPI_LIBRARIES)
  set(CPACK_DEB_COMPONENT_INSTALL ON)
  set(CPACK_COMPONENTS_ALL Unspecified mpi)
  set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_NAME vsp)
  set(CPACK_DEBIAN_MPI_PACKAGE_NAME vsp-mpi)
  set(CPACK_DEBIAN_MPI_DESCRIPTION "libraries by which programs of VSP run as ranks of MPI jobs")
  set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "vsp (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_MPI_PACKAGE_RECOMMENDS "")
  set(CPACK_DEBIAN_MPI_PACKAGE_SUGGESTS "")
endif()
include(CPack)
