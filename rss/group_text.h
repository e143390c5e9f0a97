/*
 * group_text.h: numbers out of the texts that the kernel writes about memory: lines of "name value" (memory.stat,
 * memory.events, vmstat), of "Name:   value kB" (meminfo), and files of one number or "max".
 *
 * Pure. Must not open files.
 */
#ifndef SWARM_RSS_GROUP_TEXT_H
#define SWARM_RSS_GROUP_TEXT_H

#include "../master/util.h"

/* The number in the line that begins with `name`, a colon or not, and blanks. False, and nothing is written, without one. */
bool group_text_value(const char *lines, const char *name, uint64_t *ret_value);

/* A text of one number alone, white space behind it allowed. False for "max" and everything else. */
bool group_text_number(const char *text, uint64_t *ret_number);

#endif
