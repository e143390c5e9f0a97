/* check_report.c: see check_report.h. */
#include "check_report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 13
#define TEXT_SIZE 4096

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILED };

static const struct {
    const char *shown;
    const char *json;
} verdicts[] = {
    [VERDICT_OK] = {"ok", "ok"},
    [VERDICT_WARNING] = {"warning", "warning"},
    [VERDICT_FAILED] = {"FAILED", "failed"},
};

int
check_report_init(struct check_report *report, FILE *out, bool is_json)
{
    *report = (struct check_report){.out = out, .is_json = is_json, .findings = json_array()};
    return report->findings == NULL ? -ENOMEM : 0;
}

void
check_report_done(struct check_report *report)
{
    json_decref(report->findings);
    report->findings = NULL;
}

/* Texts come from applications and go to terminals: what could move a cursor must not. */
static void
make_line(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) {
        text[--length] = '\0';
    }
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '\n' || byte == '\t') {
            *text = ' ';
        } else if (byte < ' ' || byte == 0x7F) {
            *text = '?';
        }
    }
}

json_t *
check_report_text(const char *text)
{
    json_t *json;
    char *copy;

    if (text == NULL || *text == '\0') {
        return json_null();
    }
    json = json_string(text);
    copy = json == NULL ? strdup(text) : NULL;
    if (copy == NULL) {
        return json;
    }
    /* Paths are bytes, and need not be UTF-8, which JSON asks for. */
    for (char *at = copy; *at != '\0'; at++) {
        if ((unsigned char)*at >= 0x80) {
            *at = '?';
        }
    }
    json = json_string(copy);
    free(copy);
    return json;
}

json_t *
check_report_lines(const char *text)
{
    json_t *list = json_array();
    char *copy = strdup(text);
    char *rest = copy;

    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (*line != '\0') {
            json_array_append_new(list, check_report_text(line));
        }
    }
    free(copy);
    return list;
}

struct finding {
    enum verdict verdict;
    const char *name;
    const char *remedy; /* or NULL */
};

static json_t *
finding_json(const struct finding *finding, const char *text)
{
    json_t *json = json_object();

    json_object_set_new(json, "name", json_string(finding->name));
    json_object_set_new(json, "verdict", json_string(verdicts[finding->verdict].json));
    json_object_set_new(json, "text", check_report_text(text));
    json_object_set_new(json, "remedy", check_report_text(finding->remedy));
    return json;
}

static void put(struct check_report *report, const struct finding *finding, const char *format,
                va_list words) PRINTF_LIKE(3, 0);

static void
put(struct check_report *report, const struct finding *finding, const char *format, va_list words)
{
    char text[TEXT_SIZE];

    vsnprintf(text, sizeof(text), format, words);
    make_line(text);
    json_array_append_new(report->findings, finding_json(finding, text));
    if (report->is_json) {
        return;
    }
    fprintf(report->out, "%-7s  %-*s  %s", verdicts[finding->verdict].shown, NAME_WIDTH,
            finding->name, text);
    if (finding->remedy != NULL) {
        fprintf(report->out, "; %s", finding->remedy);
    }
    fputc('\n', report->out);
    fflush(report->out);
}

void
check_report_ok(struct check_report *report, const char *name, const char *format, ...)
{
    const struct finding finding = {VERDICT_OK, name, NULL};
    va_list words;

    va_start(words, format);
    put(report, &finding, format, words);
    va_end(words);
}

void
check_report_warn(struct check_report *report, const char *name, const char *remedy,
                  const char *format, ...)
{
    const struct finding finding = {VERDICT_WARNING, name, remedy};
    va_list words;

    report->warnings++;
    va_start(words, format);
    put(report, &finding, format, words);
    va_end(words);
}

void
check_report_fail(struct check_report *report, const struct check_failure *failure,
                  const char *format, ...)
{
    const struct finding finding = {VERDICT_FAILED, failure->name, failure->remedy};
    va_list words;

    if (report->failures++ == 0) {
        report->code = failure->code;
    }
    va_start(words, format);
    put(report, &finding, format, words);
    va_end(words);
}

static void
write_json(struct check_report *report, json_t *details)
{
    json_t *all = json_object();

    json_object_set_new(all, "ok", json_boolean(report->failures == 0));
    json_object_set_new(all, "code", json_integer(report->code));
    json_object_set_new(all, "version", json_string(SWARM_VERSION));
    json_object_set(all, "findings", report->findings);
    if (details != NULL) {
        json_object_update(all, details);
    }
    json_dumpf(all, report->out, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    fputc('\n', report->out);
    json_decref(all);
}

static const char *
plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

static void
write_sentence(struct check_report *report)
{
    if (report->failures == 0) {
        fprintf(report->out, "\nThe service would start; %u warning%s.\n", report->warnings,
                plural(report->warnings));
    } else {
        fprintf(report->out, "\nThe service would not work: %u failure%s, %u warning%s.\n",
                report->failures, plural(report->failures), report->warnings,
                plural(report->warnings));
    }
}

int
check_report_finish(struct check_report *report, json_t *take_details)
{
    if (report->is_json) {
        write_json(report, take_details);
    } else {
        write_sentence(report);
    }
    json_decref(take_details);
    return fflush(report->out) == 0 && ferror(report->out) == 0 ? (int)report->code
                                                                : EXIT_CODE_INTERNAL;
}
