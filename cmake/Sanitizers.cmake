# Address, undefined-behaviour and leak sanitizers for everything that holds no Ruby VM.
if(SWARM_SANITIZE)
    # An illegal move of a worker's state aborts here instead of being mended (master/slot.h).
    add_compile_definitions(SWARM_STRICT)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
