/*
 * title.h: the argument block that `$0=` will write over.
 *
 * Ruby writes a new title into the memory of the argv that it was given, from the first word to the
 * end of the last one that lies next to it. Given literals it crashes, given copies it is cut
 * short. So the process's real argv is joined into one long word in place, and the words themselves
 * live on as copies.
 */
#ifndef SWARM_MOLD_TITLE_H
#define SWARM_MOLD_TITLE_H

#include "master/util.h"

/*
 * Copies the words of argv, then joins the real ones by spaces: argv[0] spans the whole block
 * afterwards. Returns the copies, ended by NULL, which live as long as the process; NULL without
 * memory.
 */
char **title_take(int argc, char **argv);

#endif
