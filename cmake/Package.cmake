# What `cmake --install` puts where, and the packages made of it: cpack -G DEB, cpack -G TGZ.
include(GNUInstallDirs)

# One text for all builds of one commit: the date in the manual and in the package is that of the commit.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(FLOWLET_EPOCH $ENV{SOURCE_DATE_EPOCH})
else()
  execute_process(COMMAND git log -1 --format=%ct WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                  OUTPUT_VARIABLE FLOWLET_EPOCH OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT FLOWLET_EPOCH)
    set(FLOWLET_EPOCH 0)
  endif()
endif()

# The program itself writes its manual and its completions. Only the release is packaged; a sanitized one is slow.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(made ${CMAKE_BINARY_DIR}/package)
  add_custom_command(
    OUTPUT ${made}/stamp
    COMMAND ${CMAKE_SOURCE_DIR}/packaging/make-docs $<TARGET_FILE:flowletctl> ${made} ${FLOWLET_EPOCH} ${PROJECT_VERSION}
    COMMAND ${CMAKE_COMMAND} -E touch ${made}/stamp
    DEPENDS flowletctl ${CMAKE_SOURCE_DIR}/packaging/make-docs
    VERBATIM)
  add_custom_target(package_docs ALL DEPENDS ${made}/stamp)

  install(DIRECTORY ${made}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}
          FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  install(FILES ${made}/flowletctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME flowletctl)
  install(FILES ${made}/flowletctl.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _flowletctl)
  install(FILES ${made}/flowletctl.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(FILES ${made}/changelog.Debian.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/flowletctl)
  install(FILES packaging/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/flowletctl)
  install(FILES packaging/config.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/flowletctl/examples)
endif()

set(CPACK_PACKAGE_NAME flowletctl)
set(CPACK_PACKAGE_VENDOR "The flowletctl authors")
set(CPACK_PACKAGE_CONTACT "The flowletctl authors <maintainers@flowlet.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "deploy, watch and audit the Flowlet platform")
set(CPACK_PACKAGE_DESCRIPTION
"flowletctl takes a platform from its Helm chart and its manifests to running,
verified workloads, takes back what fails, proves that, and keeps a record of
who did what that nobody can change unseen.
.
It works with kubectl 1.24 or newer and Helm 3.8 or newer, which Debian does
not have.")
set(CPACK_PACKAGE_FILE_NAME flowletctl-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "age, helm, kubectl, minisign, postgresql-client")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_PACKAGING_INSTALL_PREFIX "")
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/cmake/PackageKinds.cmake)
include(CPack)
