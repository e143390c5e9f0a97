/*
 * status_classes.c: see status_classes.h.
 *
 * Owns the table's columns. The order is the master's: largest growth first.
 */
#include "status_classes.h"

#include "status_table.h"

enum column {
    COLUMN_CLASS,
    COLUMN_JOBS,
    COLUMN_FAILED,
    COLUMN_RUNNING,
    COLUMN_PER_JOB,
    COLUMN_GROWTH,
    COLUMN_PORTION,
    COLUMN_BASIS,
    COLUMN_ALONE,
    COLUMN_TIME,
    COLUMN_COUNT
};

static const struct status_column columns[COLUMN_COUNT] = {
    [COLUMN_CLASS] = {"CLASS", false, 0, 12},       [COLUMN_JOBS] = {"JOBS", true, 0, 0},
    [COLUMN_FAILED] = {"FAILED", true, 4, 0},       [COLUMN_RUNNING] = {"RUNNING", true, 3, 0},
    [COLUMN_PER_JOB] = {"GROWS A JOB", true, 0, 0}, [COLUMN_GROWTH] = {"IN ALL", true, 0, 0},
    [COLUMN_PORTION] = {"PART", true, 2, 0},        [COLUMN_BASIS] = {"BASIS", false, 5, 0},
    [COLUMN_ALONE] = {"ALONE", true, 6, 0},         [COLUMN_TIME] = {"TIME A JOB", true, 1, 0},
};

/* What all growing classes have grown together. */
static double
growth_of_all(const json_t *classes)
{
    double sum = 0;
    json_t *each;
    size_t i;

    json_array_foreach(classes, i, each)
    {
        double growth = json_number_value(json_object_get(each, "growth_bytes"));

        sum += growth > 0 ? growth : 0;
    }
    return sum;
}

static void
add_portion(struct status_table *table, const json_t *each, double all)
{
    double growth = json_number_value(json_object_get(each, "growth_bytes"));

    if (growth > 0 && all > 0) {
        status_table_cell(table, COLUMN_PORTION, "%.0f%%", 100 * growth / all);
    } else {
        status_table_cell(table, COLUMN_PORTION, "-");
    }
}

static void
add_time(struct status_table *table, const json_t *each)
{
    double jobs = json_number_value(json_object_get(each, "jobs"));
    double work = json_number_value(json_object_get(each, "work_s"));
    double time = jobs > 0 ? work / jobs : -1;
    char text[STATUS_TEXT_SIZE];

    if (time >= 0 && time < 0.9995) {
        status_table_cell(table, COLUMN_TIME, "%.0fms", time * 1000);
    } else {
        status_table_cell(table, COLUMN_TIME, "%s", status_text_seconds(time, " ", text));
    }
}

static int
add_class(struct status_table *table, const json_t *each, double all)
{
    const char *name = status_text_string(each, "class");
    const char *basis = status_text_string(each, "basis");
    char text[STATUS_TEXT_SIZE];

    if (status_table_add(table) < 0) {
        return -1;
    }
    status_table_cell(table, COLUMN_CLASS, "%s", name != NULL ? name : "-");
    status_table_cell(table, COLUMN_JOBS, "%s", status_text_count(each, "jobs", text));
    status_table_cell(table, COLUMN_FAILED, "%s", status_text_count(each, "failed", text));
    status_table_cell(table, COLUMN_RUNNING, "%s", status_text_count(each, "running", text));
    status_table_cell(table, COLUMN_PER_JOB, "%s",
                      status_text_growth(each, "growth_bytes_per_job", text));
    status_table_cell(table, COLUMN_GROWTH, "%s", status_text_growth(each, "growth_bytes", text));
    status_table_cell(table, COLUMN_BASIS, "%s", basis != NULL ? basis : "-");
    status_table_cell(table, COLUMN_ALONE, "%s", status_text_count(each, "alone_jobs", text));
    add_portion(table, each, all);
    add_time(table, each);
    return 0;
}

static int
print_classes(const json_t *classes, size_t width, FILE *to)
{
    struct status_table *table = status_table_new(columns, COLUMN_COUNT);
    double all = growth_of_all(classes);
    int error = table == NULL ? -1 : 0;
    json_t *each;
    size_t i;

    json_array_foreach(classes, i, each)
    {
        error = error == 0 ? add_class(table, each, all) : error;
    }
    if (error == 0) {
        status_table_print(table, width, to);
    }
    status_table_free(table);
    return error;
}

char *
status_classes(const json_t *status, size_t width)
{
    const json_t *classes = json_object_get(status, "classes");
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    int error = 0;

    if (to == NULL) {
        return NULL;
    }
    if (!json_is_array(classes)) {
        status_text_wrap(to, "The running service is older and does not know of classes.", 0, 0,
                         width);
    } else if (json_array_size(classes) == 0) {
        status_text_wrap(to, "No job has been worked on yet.", 0, 0, width);
    } else {
        error = print_classes(classes, width, to);
    }
    return util_end_text(to, &text, error);
}
