# Finds the libraries of the master. A missing one stops the configuration with the name of the
# Debian package that brings it. libruby is the mold's alone: Mold.cmake finds it.
find_package(PkgConfig QUIET)
if(NOT PKG_CONFIG_FOUND)
    message(FATAL_ERROR "pkg-config is missing. Install it: apt-get install pkg-config")
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

function(swarm_missing what package)
    message(FATAL_ERROR "${what} is missing. Install it: apt-get install ${package}")
endfunction()

# An imported target, its headers treated as the system's, so that our warnings spare them.
function(swarm_imported name include_dirs libraries)
    add_library(swarm::${name} INTERFACE IMPORTED)
    set_target_properties(swarm::${name} PROPERTIES
        INTERFACE_INCLUDE_DIRECTORIES "${include_dirs}"
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${include_dirs}"
        INTERFACE_LINK_LIBRARIES "${libraries}")
endfunction()

# libev has no pkg-config file in any Debian suite.
find_path(EV_INCLUDE_DIR ev.h)
find_library(EV_LIBRARY ev)
if(NOT EV_INCLUDE_DIR OR NOT EV_LIBRARY)
    swarm_missing("libev (ev.h and libev.so)" libev-dev)
endif()
swarm_imported(ev "${EV_INCLUDE_DIR}" "${EV_LIBRARY}")

pkg_check_modules(JANSSON QUIET jansson>=2.14)
if(NOT JANSSON_FOUND)
    swarm_missing("jansson >= 2.14" libjansson-dev)
endif()
find_library(JANSSON_LIBRARY jansson HINTS ${JANSSON_LIBRARY_DIRS})
swarm_imported(jansson "${JANSSON_INCLUDE_DIRS}" "${JANSSON_LIBRARY}")

# Headers only: the master opens libproc2 by dlopen when a person looks, so that it stays small.
pkg_check_modules(PROC2 QUIET libproc2>=4.0.2)
if(NOT PROC2_FOUND)
    swarm_missing("libproc2 >= 4.0.2" libproc2-dev)
endif()
swarm_imported(proc2_headers "${PROC2_INCLUDE_DIRS}" "")

# Header only: the flags of the pkg-config file would ask for the shared library.
pkg_check_modules(TOMLPLUSPLUS QUIET tomlplusplus>=3.3.0)
if(NOT TOMLPLUSPLUS_FOUND)
    swarm_missing("toml++ >= 3.3.0" libtomlplusplus-dev)
endif()
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h HINTS ${TOMLPLUSPLUS_INCLUDE_DIRS})
swarm_imported(tomlplusplus "${TOMLPLUSPLUS_INCLUDE_DIR}" "")

if(SWARM_BUILD_TESTS)
    pkg_check_modules(CMOCKA QUIET cmocka>=1.1.5)
    if(NOT CMOCKA_FOUND)
        swarm_missing("cmocka >= 1.1.5 (or configure with -DSWARM_BUILD_TESTS=OFF)" libcmocka-dev)
    endif()
    find_library(CMOCKA_LIBRARY cmocka HINTS ${CMOCKA_LIBRARY_DIRS})
    swarm_imported(cmocka "${CMOCKA_INCLUDE_DIRS}" "${CMOCKA_LIBRARY}")
endif()
