/*
 * fuzz_config.c: a configuration file of any contents, through the TOML shim and through the whole
 * of config_load.
 *
 * Promises: those of config_promises.h; the shim's list is in the document's order, each item with
 * its path, each text with a zero byte behind.
 */
#include "targets.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config_promises.h"
#include "master/toml_shim.h"

static void
check_item(const struct toml_shim_item *item)
{
    FUZZ_CHECK(item->depth > 0 && item->keys[item->depth - 1] != NULL);
    FUZZ_CHECK(item->entry >= -1 && (item->entry < 0 || item->depth > 1));
    FUZZ_CHECK(item->key_at.line > 0 && item->value_at.line > 0);
    FUZZ_CHECK(item->kind != TOML_SHIM_TEXT || item->text[item->text_size] == '\0');
}

static void
check_items(const struct toml_shim_document *document)
{
    size_t count = 0;
    const struct toml_shim_item *items = toml_shim_items(document, &count);

    for (size_t i = 0; i < count; i++) {
        check_item(&items[i]);
        FUZZ_CHECK(i == 0 || items[i - 1].key_at.line <= items[i].key_at.line);
    }
}

static void
read_document(const uint8_t *data, size_t size)
{
    struct toml_shim_document *document = NULL;
    struct toml_shim_error error = {0};

    if (toml_shim_parse((const char *)data, size, &document, &error) == 0) {
        check_items(document);
        toml_shim_free(document);
        return;
    }
    FUZZ_CHECK(error.text[0] != '\0');
}

/* A file without a name, which vanishes with its descriptor. */
static int
write_file(const uint8_t *data, size_t size)
{
    int fd = memfd_create("sidekiq-swarm.toml", MFD_CLOEXEC);

    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(size == 0 || write(fd, data, size) == (ssize_t)size);
    return fd;
}

static void
load(const char *path, enum options_verb verb)
{
    char option[] = "--swarm-config", file[64];
    char *argv[] = {option, file};
    char *envp[] = {NULL};

    snprintf(file, sizeof(file), "%s", path);
    config_promises_load(&(struct config_input){.argc = 2,
                                                .argv = argv,
                                                .verb = verb,
                                                .envp = envp,
                                                .cores_available = 2,
                                                .memory_bytes = 8 * UNITS_GIB});
}

void
fuzz_config(const uint8_t *data, size_t size)
{
    char path[64];
    int fd;

    read_document(data, size);
    fd = write_file(data, size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    load(path, OPTIONS_VERB_RUN);
    load(path, OPTIONS_VERB_STATUS);
    close(fd);
}
