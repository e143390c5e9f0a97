# The settings that every C and C++ target of the project shares.
set(SWARM_C_WARNINGS
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla
    -Wswitch-enum -Wcast-qual -Wwrite-strings)
set(SWARM_CXX_WARNINGS -Wall -Wextra -Wshadow -Wformat=2)

function(swarm_compile_settings target)
    target_compile_options(${target} PRIVATE
        "$<$<COMPILE_LANGUAGE:C>:${SWARM_C_WARNINGS}>"
        "$<$<COMPILE_LANGUAGE:CXX>:${SWARM_CXX_WARNINGS}>"
        "$<$<BOOL:${SWARM_WERROR}>:-Werror>"
        -fno-common)
    # With an empty value a file may repeat "#define _GNU_SOURCE" without a warning.
    target_compile_definitions(${target} PRIVATE
        "$<$<COMPILE_LANGUAGE:C>:_GNU_SOURCE=>"
        SWARM_VERSION="${PROJECT_VERSION}")
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_options(${target} PRIVATE LINKER:--as-needed LINKER:-z,relro LINKER:-z,noexecstack)
endfunction()

# toml++ aborts on some malformed documents while its own assertions are on, and its header must
# be the whole of it: Debian's shared library has another ABI.
if(EXISTS ${PROJECT_SOURCE_DIR}/master/toml_shim.cpp)
    set_source_files_properties(${PROJECT_SOURCE_DIR}/master/toml_shim.cpp PROPERTIES
        COMPILE_DEFINITIONS "NDEBUG;TOML_HEADER_ONLY=1")
endif()
