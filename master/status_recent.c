/*
 * status_recent.c: see status_recent.h.
 */
#include "status_recent.h"

#include "status_text.h"

#define JOBS_SHOWN 3

static void
append_jobs(char to[STATUS_RECENT_SIZE], const json_t *jobs)
{
    size_t count = json_array_size(jobs);

    for (size_t i = 0; i < count && i < JOBS_SHOWN; i++) {
        const char *job = json_string_value(json_array_get(jobs, i));

        status_text_append(to, STATUS_RECENT_SIZE, "%s%s", i == 0 ? "; it held " : ", ",
                           job != NULL ? job : "-");
    }
    if (count > JOBS_SHOWN) {
        status_text_append(to, STATUS_RECENT_SIZE, ", %zu more", count - JOBS_SHOWN);
    }
}

char *
status_recent_text(const json_t *entry, char to[STATUS_RECENT_SIZE])
{
    const char *what = status_text_string(entry, "what");
    const char *reason = status_text_string(entry, "reason");
    const char *detail = status_text_string(entry, "detail");
    char text[STATUS_TEXT_SIZE];
    char raw[STATUS_RECENT_SIZE] = "";

    status_text_append(raw, STATUS_RECENT_SIZE,
                       "%s ago: ", status_text_span(entry, "ago_s", " ", text));
    status_text_append(raw, STATUS_RECENT_SIZE, "slot %s ", status_text_count(entry, "slot", text));
    status_text_append(raw, STATUS_RECENT_SIZE, "%s", what != NULL ? what : "left");
    if (reason != NULL) {
        status_text_append(raw, STATUS_RECENT_SIZE, " (%s)", reason);
    }
    status_text_append(raw, STATUS_RECENT_SIZE, ", pid %s", status_text_count(entry, "pid", text));
    if (detail != NULL) {
        status_text_append(raw, STATUS_RECENT_SIZE, "; %s", detail);
    }
    if (status_text_has(entry, "peak_bytes")) {
        status_text_append(raw, STATUS_RECENT_SIZE, "; peak %s",
                           status_text_size(entry, "peak_bytes", text));
    }
    append_jobs(raw, json_object_get(entry, "jobs"));
    status_text_plain(to, STATUS_RECENT_SIZE, raw);
    return to;
}
