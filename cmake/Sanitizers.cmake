# Address, undefined-behaviour and leak sanitizers for everything that holds no Ruby VM.
if(SWARM_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
