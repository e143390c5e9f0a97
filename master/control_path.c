/*
 * control_path.c: see control_path.h.
 *
 * Owns the order of the places and the user's own folder. Must not open a socket.
 */
#include "control_path.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "swarm.sock"
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

/* FNV-1a, 64 bits (RFC 9923): short, stable over releases, and no secret depends on it. */
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

enum folder_kind {
    FOLDER_GIVEN,       /* the user's or systemd's business */
    FOLDER_APPLICATION, /* tmp/sockets of the application */
    FOLDER_USER,        /* 0700, ours alone */
};

struct place {
    enum folder_kind kind;
    char folder[PATH_MAX]; /* "" for FOLDER_GIVEN */
    char path[PATH_MAX];
};

static uint64_t
hash_text(const char *text)
{
    uint64_t hash = FNV_OFFSET;

    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    }
    return hash;
}

static bool
is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Empty is as good as unset, and a relative folder would depend on who asks. */
static const char *
folder_of_environment(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] == '/' ? value : NULL;
}

/* Copies the result of a print of `length` characters on. Returns 0 or -ENAMETOOLONG. */
static int
check_length(int length, size_t max)
{
    return length < 0 || (size_t)length > max ? -ENAMETOOLONG : 0;
}

static int
place_given(struct place *place, const char *given, const char *here)
{
    int length = given[0] == '/' ? snprintf(place->path, sizeof(place->path), "%s", given)
                                 : snprintf(place->path, sizeof(place->path), "%s/%s", here, given);

    place->kind = FOLDER_GIVEN;
    return check_length(length, SOCKET_PATH_MAX);
}

/* systemd gives several folders separated by colons when a unit has several; the first is ours. */
static int
place_runtime(struct place *place, const char *folders)
{
    place->kind = FOLDER_GIVEN;
    return check_length(snprintf(place->path, sizeof(place->path), "%.*s/" SOCKET_NAME,
                                 (int)strcspn(folders, ":"), folders),
                        SOCKET_PATH_MAX);
}

static int
place_application(struct place *place, const char *here)
{
    int length = snprintf(place->folder, sizeof(place->folder), "%s/tmp/sockets", here);

    place->kind = FOLDER_APPLICATION;
    if (check_length(length, SOCKET_PATH_MAX) != 0) {
        return -ENAMETOOLONG;
    }
    length = snprintf(place->path, sizeof(place->path), "%.*s/" SOCKET_NAME, (int)SOCKET_PATH_MAX,
                      place->folder);
    return check_length(length, SOCKET_PATH_MAX);
}

static int
place_user(struct place *place, const char *here)
{
    const char *runtime = folder_of_environment("XDG_RUNTIME_DIR");
    const char *temporary = folder_of_environment("TMPDIR");
    int length;

    place->kind = FOLDER_USER;
    if (runtime != NULL) {
        length = snprintf(place->folder, sizeof(place->folder), "%s/sidekiq-swarm", runtime);
    } else {
        length = snprintf(place->folder, sizeof(place->folder), "%s/sidekiq-swarm-%u",
                          temporary != NULL ? temporary : "/tmp", (unsigned)geteuid());
    }
    if (check_length(length, SOCKET_PATH_MAX) != 0) {
        return -ENAMETOOLONG;
    }
    length = snprintf(place->path, sizeof(place->path), "%.*s/%016llx.sock", (int)SOCKET_PATH_MAX,
                      place->folder, (unsigned long long)hash_text(here));
    return check_length(length, SOCKET_PATH_MAX);
}

/* Without --control a path that is too long for a socket gives way to the next place. */
static int
find_place(const char *given, struct place *ret_place)
{
    const char *runtime = folder_of_environment("RUNTIME_DIRECTORY");
    char here[PATH_MAX];

    *ret_place = (struct place){.kind = FOLDER_GIVEN};
    if (given != NULL && given[0] == '/') {
        return place_given(ret_place, given, "");
    }
    if (getcwd(here, sizeof(here)) == NULL) {
        return -errno;
    }
    if (given != NULL) {
        return given[0] == '\0' ? -EINVAL : place_given(ret_place, given, here);
    }
    if (runtime != NULL && place_runtime(ret_place, runtime) == 0) {
        return 0;
    }
    if (is_folder("tmp") && place_application(ret_place, here) == 0) {
        return 0;
    }
    return place_user(ret_place, here);
}

int
control_path_find(const char *given, char **ret_path)
{
    struct place place;
    int error = find_place(given, &place);
    char *path;

    if (error < 0) {
        return error;
    }
    path = strdup(place.path);
    if (path == NULL) {
        return -ENOMEM;
    }
    *ret_path = path;
    return 0;
}

/*
 * The temporary directory belongs to everybody: a folder that somebody else made there first, or a
 * symbolic link to one, would give the socket into that user's hands.
 */
static int
prepare_user_folder(const char *folder)
{
    struct stat status;

    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        return -errno;
    }
    if (lstat(folder, &status) < 0) {
        return -errno;
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid()) {
        return -EPERM;
    }
    if ((status.st_mode & 077) != 0 && chmod(folder, 0700) < 0) {
        return -errno;
    }
    return 0;
}

int
control_path_prepare(const char *given, const char *path)
{
    struct place place;
    int error = find_place(given, &place);

    if (error < 0) {
        return error;
    }
    if (strcmp(place.path, path) != 0) {
        return 0;
    }
    switch (place.kind) {
    case FOLDER_GIVEN:
        return 0;
    case FOLDER_APPLICATION:
        return mkdir(place.folder, 0777) < 0 && errno != EEXIST ? -errno : 0;
    case FOLDER_USER:
        return prepare_user_folder(place.folder);
    }
    return 0;
}

static int
look_at_folder(const char *folder)
{
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) < 0) {
        return -errno;
    }
    return is_folder(folder) ? 0 : -ENOTDIR;
}

/* The folder that holds this one or this file. */
static int
look_at_parent(const char *path)
{
    char copy[PATH_MAX];

    util_copy_text(copy, sizeof(copy), path);
    return look_at_folder(dirname(copy));
}

static int
look_at_user_folder(const char *folder)
{
    struct stat status;

    if (lstat(folder, &status) < 0) {
        return errno == ENOENT ? look_at_parent(folder) : -errno;
    }
    return S_ISDIR(status.st_mode) && status.st_uid == geteuid() ? 0 : -EPERM;
}

int
control_path_look(const char *given, const char *path)
{
    struct place place;
    int error = find_place(given, &place);

    if (error < 0) {
        return error;
    }
    if (strcmp(place.path, path) != 0) {
        return look_at_parent(path);
    }
    switch (place.kind) {
    case FOLDER_GIVEN:
        break;
    case FOLDER_APPLICATION:
        return is_folder(place.folder) ? look_at_folder(place.folder)
                                       : look_at_parent(place.folder);
    case FOLDER_USER:
        return look_at_user_folder(place.folder);
    }
    return look_at_parent(path);
}
