# The installed files: vspc with its man page and completion, both libraries, the public headers,
# the pkg-config file and the CMake package.
include(CMakePackageConfigHelpers)

install(TARGETS vspc RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${VSP_INSTALLED_LIBRARIES} EXPORT vspTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(VSP_MPI_LIBRARIES)
  install(TARGETS ${VSP_MPI_LIBRARIES} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT mpi)
endif()
install(FILES include/vsp/vsp.h include/vsp/vsp_aot.h include/vsp/vsp_mpi.h include/vsp/vsp_provider.h
  include/vsp/guest.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vsp)
install(FILES tools/vspc/vspc.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_BINARY_DIR}/completion/vspc DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

# Since cmake --install may name another prefix than was configured, the prefix is relative to the
# file.
set(vsp_pc_prefix ${CMAKE_INSTALL_PREFIX})
if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  file(RELATIVE_PATH vsp_pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" vsp_pc_prefix "\${pcfiledir}/${vsp_pc_prefix}")
endif()
set(vsp_pc_private "-lm -lpthread -ldl")
if(WIN32)
  set(vsp_pc_private -ladvapi32)
endif()
configure_file(cmake/vsp.pc.in vsp.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vsp.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vsp)
configure_package_config_file(cmake/vspConfig.cmake.in vspConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(vspConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vspConfig.cmake ${PROJECT_BINARY_DIR}/vspConfigVersion.cmake DESTINATION ${package})
install(EXPORT vspTargets NAMESPACE vsp:: DESTINATION ${package})
