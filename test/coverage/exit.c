/*
 * exit.c: part of the build of script/coverage alone: lets a process that ends by _exit keep what it
 * counted.
 *
 * Owns the linker's stand-in for _exit (ld(1), --wrap). Must not be part of any other build.
 */
#include <gcov.h>

_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);

/* The reset keeps the parent of a vfork, whose memory this is, from taking its counters for written
 * (gcc: "Profiling and Test Coverage in Freestanding Environments"). */
void
__wrap__exit(int code)
{
    __gcov_dump();
    __gcov_reset();
    __real__exit(code);
}
