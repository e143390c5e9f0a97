/* launch_program.c: see launch_program.h. */
#include "launch_program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* posix_spawn's functions give a positive errno, here made negative. The first error counts. */
static int
set_files(posix_spawn_file_actions_t *files, const struct launch_program_order *order)
{
    int error;

    if (order->input_fd >= 0) {
        error = posix_spawn_file_actions_adddup2(files, order->input_fd, STDIN_FILENO);
    } else {
        error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    if (error == 0 && order->output_fd >= 0) {
        error = posix_spawn_file_actions_adddup2(files, order->output_fd, STDOUT_FILENO);
    }
    if (error == 0) {
        error = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    }
    return -error;
}

static int
spawn(const struct launch_program_order *order, const char *path, pid_t *ret_pid)
{
    const struct launch_words words = {path, order->argv, order->envp};
    posix_spawn_file_actions_t files;
    int error = -posix_spawn_file_actions_init(&files);

    if (error != 0) {
        return error;
    }
    error = set_files(&files, order);
    error = error != 0 ? error : launch_spawn(&words, &files, ret_pid);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int
launch_program(const struct launch_program_order *order, pid_t *ret_pid)
{
    char *path = NULL;
    int error = launch_program_find(order->argv[0], order->envp, &path);

    if (error == 0) {
        error = spawn(order, path, ret_pid);
        free(path);
    }
    return error;
}

static const char *
find_variable(char *const *envp, const char *name)
{
    size_t length = strlen(name);

    for (; envp != NULL && *envp != NULL; envp++) {
        if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=') {
            return *envp + length + 1;
        }
    }
    return NULL;
}

/* Returns 0, or why the file cannot be started: -EACCES if it is there. */
static int
look_at(const char *path)
{
    struct stat about;

    if (stat(path, &about) < 0) {
        return errno == EACCES ? -EACCES : -ENOENT;
    }
    return S_ISREG(about.st_mode) && access(path, X_OK) == 0 ? 0 : -EACCES;
}

/* The first program of that name in the folders of `places`, which colons part; an empty one is the
 * working directory. */
static int
search(const char *name, const char *places, char path[PATH_MAX])
{
    int result = -ENOENT;

    for (;;) {
        size_t length = strcspn(places, ":");
        int written = length == 0 ? snprintf(path, PATH_MAX, "./%s", name)
                                  : snprintf(path, PATH_MAX, "%.*s/%s", (int)length, places, name);
        int error = written >= 0 && written < PATH_MAX ? look_at(path) : -ENOENT;

        if (error == 0) {
            return 0;
        }
        result = error == -EACCES ? error : result;
        if (places[length] == '\0') {
            return result;
        }
        places += length + 1;
    }
}

int
launch_program_find(const char *name, char *const *envp, char **ret_path)
{
    const char *places = find_variable(envp, "PATH");
    char path[PATH_MAX];
    char *copy;
    int error;

    if (name[0] == '\0') {
        return -ENOENT;
    }
    if (strchr(name, '/') != NULL) {
        error = look_at(name);
    } else {
        error = search(name, places != NULL ? places : DEFAULT_PATH, path);
        name = path;
    }
    if (error != 0) {
        return error;
    }
    copy = strdup(name);
    if (copy == NULL) {
        return -ENOMEM;
    }
    *ret_path = copy;
    return 0;
}

static int
write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t written = write(fd, text, left);

        if (written < 0 && errno != EINTR) {
            return -errno;
        }
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return 0;
}

/* The offset belongs to the open file description, which the child shares. */
static int
fill(int fd, const char *text)
{
    int error = write_all(fd, text);

    if (error != 0) {
        return error;
    }
    if (lseek(fd, 0, SEEK_SET) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        return -errno;
    }
    return 0;
}

int
launch_program_input(const char *text)
{
    int fd = launch_memfd("swarm-input");
    int error = fd < 0 ? fd : fill(fd, text);

    if (error != 0) {
        util_close(&fd);
        return error;
    }
    return fd;
}

int
launch_program_output(void)
{
    int fd = launch_memfd("swarm-output");

    if (fd < 0) {
        return fd;
    }
    if (ftruncate(fd, LAUNCH_OUTPUT_SIZE_MAX) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int error = -errno;

        util_close(&fd);
        return error;
    }
    return fd;
}

void
launch_program_read(int output_fd, char *to, size_t size)
{
    ssize_t length;

    do {
        length = pread(output_fd, to, size - 1, 0);
    } while (length < 0 && errno == EINTR);
    to[length > 0 ? length : 0] = '\0';
}
