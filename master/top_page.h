/*
 * top_page.h: the pages of `swarm top`, between its title and its keys. Pure.
 */
#ifndef SWARM_TOP_PAGE_H
#define SWARM_TOP_PAGE_H

#include "top_frame.h"

/* Adds the page that the view is on, with the room that is left. */
void top_page_add(struct top_frame *frame, const struct top_scene *scene);

#endif
