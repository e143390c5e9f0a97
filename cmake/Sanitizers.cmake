# Compilers' instruments. Address, undefined-behaviour and leak sanitizers for everything that holds
# no Ruby VM; libFuzzer's counters; gcov's.
if(SWARM_SANITIZE)
    # An illegal move of a worker's state aborts here instead of being mended (master/slot.h).
    add_compile_definitions(SWARM_STRICT)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()

if(SWARM_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "libFuzzer is part of clang: configure with -DCMAKE_C_COMPILER=clang "
                            "-DCMAKE_CXX_COMPILER=clang++, or run script/fuzz")
    endif()
    add_compile_definitions(SWARM_STRICT)
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()

if(SWARM_COVERAGE)
    # A process writes its counters when it exits, and adds them to those of others. For one that ends
    # by _exit test/coverage/exit.c does it.
    add_compile_options(--coverage)
    add_link_options(--coverage LINKER:--wrap=_exit)
endif()
