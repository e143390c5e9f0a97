/*
 * memory_map.c: see memory_map.h.
 *
 * Owns the columns, their order, and what is said where the kernel did not let us look into the pages.
 */
#include "memory_map.h"

#include <inttypes.h>
#include <stdio.h>

#include "status_table.h"

#define KIB 1024
#define SENTENCE_SIZE 512

enum column {
    COLUMN_KIND,
    COLUMN_RESIDENT,
    COLUMN_PRIVATE,
    COLUMN_SHARED,
    COLUMN_SWAP,
    COLUMN_PORTION,
    COLUMN_COUNT
};

static const struct status_column columns[COLUMN_COUNT] = {
    [COLUMN_KIND] = {"KIND", false, 0, 0},      [COLUMN_RESIDENT] = {"RESIDENT", true, 1, 0},
    [COLUMN_PRIVATE] = {"PRIVATE", true, 0, 0}, [COLUMN_SHARED] = {"SHARED", true, 0, 0},
    [COLUMN_SWAP] = {"SWAP", true, 2, 0},       [COLUMN_PORTION] = {"OF PRIVATE", true, 0, 0},
};

static void
add_size(struct status_table *table, enum column column, uint64_t kib)
{
    char text[STATUS_TEXT_SIZE];

    status_table_cell(table, column, "%s", status_text_bytes((double)kib * KIB, text));
}

static int
add_row(struct status_table *table, const char *name, const struct map_figures *figures,
        const struct map_figures *total)
{
    if (status_table_add(table) < 0) {
        return -1;
    }
    status_table_cell(table, COLUMN_KIND, "%s", name);
    add_size(table, COLUMN_RESIDENT, figures->resident_kib);
    add_size(table, COLUMN_PRIVATE, figures->private_kib);
    add_size(table, COLUMN_SHARED, figures->shared_kib);
    add_size(table, COLUMN_SWAP, figures->swap_kib);
    if (total->private_kib > 0) {
        status_table_cell(table, COLUMN_PORTION, "%.0f%%",
                          100 * (double)figures->private_kib / (double)total->private_kib);
    } else {
        status_table_cell(table, COLUMN_PORTION, "-");
    }
    return 0;
}

static bool
is_empty(const struct map_figures *figures)
{
    return figures->resident_kib == 0 && figures->swap_kib == 0;
}

/* Kinds by what of them is private, the largest first: a handful, so that inserting does. Returns how many there are. */
static unsigned
sort_kinds(const struct map_report *report, enum map_kind sorted[MAP_KIND_COUNT])
{
    const struct map_figures *kinds = report->kinds;
    unsigned count = 0;

    for (enum map_kind kind = 0; kind < MAP_KIND_COUNT; kind++) {
        unsigned at = count;

        if (is_empty(&kinds[kind])) {
            continue;
        }
        for (; at > 0 && kinds[sorted[at - 1]].private_kib < kinds[kind].private_kib; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = kind;
        count++;
    }
    return count;
}

static int
print_table(const struct map_report *report, size_t width, FILE *to)
{
    struct status_table *table = status_table_new(columns, COLUMN_COUNT);
    enum map_kind sorted[MAP_KIND_COUNT];
    unsigned count = sort_kinds(report, sorted);
    int error = table == NULL ? -1 : 0;

    for (unsigned i = 0; error == 0 && i < count; i++) {
        error = add_row(table, map_kind_name(sorted[i]), &report->kinds[sorted[i]], &report->total);
    }
    if (error == 0) {
        error = add_row(table, "all", &report->total, &report->total);
    }
    if (error == 0) {
        status_table_print(table, width, to);
    }
    status_table_free(table);
    return error;
}

static void
say_subject(const struct memory_subject *subject, size_t width, FILE *to)
{
    char text[SENTENCE_SIZE] = "", of[64] = "Mold: process";

    if (subject->slot >= 0) {
        snprintf(of, sizeof(of), "Slot %" JSON_INTEGER_FORMAT ": worker", subject->slot);
    }
    status_text_append(text, sizeof(text), "%s %d, generation %" JSON_INTEGER_FORMAT ".", of,
                       (int)subject->pid, subject->generation);
    status_text_wrap(to, text, 0, 0, width);
}

/* Where Ruby's pages could not be told from malloc's, by whom they could be. */
static void
say_unknown(int ptrace_scope, size_t width, FILE *to)
{
    char text[SENTENCE_SIZE] = "";

    status_text_append(text, sizeof(text),
                       "The kernel does not let this user look into the pages, so Ruby's heap, "
                       "malloc and stacks are all \"%s\" here. As root they are told apart",
                       map_kind_name(MAP_KIND_OTHER));
    if (ptrace_scope > 0) {
        status_text_append(text, sizeof(text),
                           ", or as the service's user with kernel.yama.ptrace_scope = 0 (it is "
                           "%d)",
                           ptrace_scope);
    }
    status_text_append(text, sizeof(text), "; in a container also with the right SYS_PTRACE.");
    status_text_wrap(to, text, 0, 0, width);
}

static void
say_more(const struct map_report *report, size_t width, FILE *to)
{
    char text[SENTENCE_SIZE] = "", size[STATUS_TEXT_SIZE];

    status_text_append(text, sizeof(text), "%" PRIu64 " thread%s", report->threads,
                       report->threads == 1 ? "" : "s");
    if (report->ruby_blocks > 0) {
        status_text_append(text, sizeof(text), "; %" PRIu64 " heap pages of Ruby",
                           report->ruby_blocks);
    }
    status_text_append(text, sizeof(text), "; page tables %s, which no other figure counts.",
                       status_text_bytes((double)report->page_tables_kib * KIB, size));
    status_text_wrap(to, text, 0, 0, width);
}

char *
memory_map_page(const struct memory_subject *subject, const struct map_report *report,
                int ptrace_scope, size_t width)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    int error;

    if (to == NULL) {
        return NULL;
    }
    width = width < STATUS_TABLE_WIDTH_MIN ? STATUS_TABLE_WIDTH_MIN : width;
    say_subject(subject, width, to);
    fputc('\n', to);
    error = print_table(report, width, to);
    fputc('\n', to);
    say_more(report, width, to);
    if (!report->is_content_known) {
        say_unknown(ptrace_scope, width, to);
    }
    return util_end_text(to, &text, error);
}

static void
set_bytes(json_t *json, const char *key, uint64_t kib)
{
    json_object_set_new(json, key, json_integer((json_int_t)kib * KIB));
}

/* Takes an object that may have keys already, and adds the figures. */
static json_t *
with_figures(json_t *json, const struct map_figures *figures)
{
    set_bytes(json, "resident_bytes", figures->resident_kib);
    set_bytes(json, "private_bytes", figures->private_kib);
    set_bytes(json, "shared_bytes", figures->shared_kib);
    set_bytes(json, "swap_bytes", figures->swap_kib);
    set_bytes(json, "pss_bytes", figures->pss_kib);
    return json;
}

json_t *
memory_map_json(const struct memory_subject *subject, const struct map_report *report)
{
    json_t *json = json_object();
    json_t *kinds = json_array();

    for (enum map_kind kind = 0; kind < MAP_KIND_COUNT; kind++) {
        json_t *one = json_pack("{s:s}", "kind", map_kind_name(kind));

        json_array_append_new(kinds, with_figures(one, &report->kinds[kind]));
    }
    json_object_set_new(json, "pid", json_integer(subject->pid));
    json_object_set_new(json, "start_ticks", json_integer((json_int_t)subject->start_ticks));
    json_object_set_new(json, "slot",
                        subject->slot >= 0 ? json_integer(subject->slot) : json_null());
    json_object_set_new(json, "generation", json_integer(subject->generation));
    json_object_set_new(json, "content_known", json_boolean(report->is_content_known));
    json_object_set_new(json, "kinds", kinds);
    json_object_set_new(json, "total", with_figures(json_object(), &report->total));
    set_bytes(json, "page_tables_bytes", report->page_tables_kib);
    json_object_set_new(json, "ruby_heap_pages", json_integer((json_int_t)report->ruby_blocks));
    json_object_set_new(json, "threads", json_integer((json_int_t)report->threads));
    return json;
}
