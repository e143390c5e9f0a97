/*
 * folder_rig.h: a temporary folder of a test's own.
 *
 * Must not be used where a test proves that nothing is left behind: removing takes whatever is there.
 */
#ifndef SWARM_TEST_FOLDER_RIG_H
#define SWARM_TEST_FOLDER_RIG_H

#define FOLDER_RIG_SIZE 64

/* Makes an empty folder that only we may enter. The test fails if it cannot. */
void folder_rig_make(char to[FOLDER_RIG_SIZE], const char *purpose);

/* Removes a folder, or a file, with all that is in it; links are not followed. One that is not there is fine. */
void folder_rig_remove(const char *path);

#endif
