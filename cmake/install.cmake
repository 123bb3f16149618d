# What `cmake --install` puts where. All of it works from whatever prefix it is moved to.
include(CMakePackageConfigHelpers)

set_target_properties(cloche_static PROPERTIES EXPORT_NAME cloche)
set_target_properties(cloche_shared PROPERTIES EXPORT_NAME shared)
set_target_properties(cloche PROPERTIES EXPORT_NAME program)
install(TARGETS cloche EXPORT clocheTargets COMPONENT program)
install(TARGETS ${preload_targets} DESTINATION ${CMAKE_INSTALL_LIBDIR}/cloche COMPONENT program)
install(TARGETS cloche_shared EXPORT clocheTargets
  LIBRARY COMPONENT library NAMELINK_COMPONENT development)
install(TARGETS cloche_static EXPORT clocheTargets ARCHIVE COMPONENT development)
install(FILES harness/cloche.h TYPE INCLUDE COMPONENT development)

# The way from lib/ or lib/x86_64-linux-gnu/ up to the prefix.
string(REGEX REPLACE "[^/]+" ".." CLOCHE_LIBDIR_UP "${CMAKE_INSTALL_LIBDIR}")
configure_file(cloche.pc.in cloche.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cloche.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/cloche)
configure_package_config_file(cmake/clocheConfig.cmake.in clocheConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(clocheConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT clocheTargets NAMESPACE cloche:: DESTINATION ${package} COMPONENT development)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clocheConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/clocheConfigVersion.cmake
  cmake/clocheDiscoverTests.cmake cmake/clocheAddTests.cmake
  DESTINATION ${package} COMPONENT development)

install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT program
  FILES_MATCHING PATTERN "*.[15]")
install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.3")

set(scripts ${CMAKE_CURRENT_BINARY_DIR}/completions)
set(CLOCHE_ZSH_DIR share/zsh/site-functions CACHE STRING "where zsh finds completions")
install(FILES ${scripts}/bash DESTINATION share/bash-completion/completions RENAME cloche
  COMPONENT program)
install(FILES ${scripts}/zsh DESTINATION ${CLOCHE_ZSH_DIR} RENAME _cloche COMPONENT program)
install(FILES ${scripts}/fish DESTINATION share/fish/vendor_completions.d RENAME cloche.fish
  COMPONENT program)

file(GLOB documents CONFIGURE_DEPENDS docs/*)
install(FILES README.md LICENSE ${documents} TYPE DOC COMPONENT program)
