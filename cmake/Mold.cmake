# swarm-mold: the fork loop and the Ruby VM. The `ruby` in PATH decides which libruby it is built
# for; pkg-config is asked first, that ruby's own RbConfig otherwise.
find_program(RUBY_EXECUTABLE ruby NO_CACHE)
if(NOT RUBY_EXECUTABLE)
    swarm_missing("ruby" ruby)
endif()

# One RbConfig value of the ruby in PATH.
function(swarm_rbconfig key ret)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env --unset=RUBYOPT --unset=RUBYLIB
                ${RUBY_EXECUTABLE} --disable-gems -rrbconfig -e "print RbConfig::CONFIG['${key}']"
        OUTPUT_VARIABLE value COMMAND_ERROR_IS_FATAL ANY)
    set(${ret} "${value}" PARENT_SCOPE)
endfunction()

swarm_rbconfig(ENABLE_SHARED ruby_shared)
swarm_rbconfig(MAJOR ruby_major)
swarm_rbconfig(MINOR ruby_minor)
swarm_rbconfig(libdir ruby_libdir)
swarm_rbconfig(archlibdir ruby_archlibdir)
swarm_rbconfig(rubyhdrdir ruby_header_dir)
swarm_rbconfig(rubyarchhdrdir ruby_arch_header_dir)
swarm_rbconfig(RUBY_SO_NAME ruby_so_name)
if(ruby_major VERSION_LESS 3 OR (ruby_major EQUAL 3 AND ruby_minor LESS 1))
    message(FATAL_ERROR "${RUBY_EXECUTABLE} is Ruby ${ruby_major}.${ruby_minor}; "
                        "swarm needs 3.1 or newer")
endif()
if(NOT ruby_shared STREQUAL "yes")
    message(FATAL_ERROR "${RUBY_EXECUTABLE} has no shared libruby; "
                        "build that Ruby with --enable-shared, or use: apt-get install ruby-dev")
endif()

pkg_check_modules(RUBY QUIET ruby-${ruby_major}.${ruby_minor})
# The pkg-config file of another installation must not win over the ruby in PATH.
if(RUBY_FOUND AND NOT "${ruby_header_dir}" IN_LIST RUBY_INCLUDE_DIRS)
    set(RUBY_FOUND FALSE)
endif()
if(NOT RUBY_FOUND)
    set(RUBY_INCLUDE_DIRS ${ruby_arch_header_dir} ${ruby_header_dir})
endif()
find_library(RUBY_LIBRARY_PATH ${ruby_so_name} NO_CACHE
             HINTS ${RUBY_LIBRARY_DIRS} ${ruby_archlibdir} ${ruby_libdir})
if(NOT EXISTS ${ruby_header_dir}/ruby.h OR NOT RUBY_LIBRARY_PATH)
    swarm_missing("libruby ${ruby_major}.${ruby_minor} with its headers" ruby-dev)
endif()
message(STATUS "swarm-mold: Ruby ${ruby_major}.${ruby_minor}, ${RUBY_LIBRARY_PATH}")
swarm_imported(ruby "${RUBY_INCLUDE_DIRS}" "${RUBY_LIBRARY_PATH};m")

add_executable(swarm-mold ${mold_sources})
swarm_compile_settings(swarm-mold)
target_compile_definitions(swarm-mold PRIVATE
    SWARM_HOOKS_SOURCE_DIR="${PROJECT_SOURCE_DIR}/hooks")
target_link_libraries(swarm-mold PRIVATE swarm_leaf swarm::ruby ${CMAKE_DL_LIBS})
# libruby calls the mold's own in place of libc's `fork` and of what libruby has itself (apart.h).
foreach(symbol fork ruby_xcalloc ruby_xmalloc2)
    target_link_options(swarm-mold PRIVATE LINKER:--export-dynamic-symbol=${symbol})
endforeach()
get_filename_component(ruby_library_dir ${RUBY_LIBRARY_PATH} DIRECTORY)
list(FIND CMAKE_C_IMPLICIT_LINK_DIRECTORIES "${ruby_library_dir}" is_system_dir)
if(is_system_dir EQUAL -1)
    set_target_properties(swarm-mold PROPERTIES INSTALL_RPATH "${ruby_library_dir}")
endif()
install(TARGETS swarm-mold RUNTIME DESTINATION lib/sidekiq-swarm)
