/*
 * control_socket.c: see control_socket.h.
 *
 * Owns the lock file and the socket file. Must not accept a client.
 *
 * The lock decides, never the socket: a socket file says nothing about its owner's life, and
 * "connect, else remove and bind" lets two starters remove each other's. The lock file holds the
 * owner's pid for the sentence that the second one prints. It is removed under the lock, so whoever
 * locked it looks whether the name still means the file it locked.
 */
#include "control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16
#define LOCK_TRIES 16

struct control_socket {
    int lock_fd;
    char *path;
    char *lock_path;
    bool is_bound; /* the socket file is ours, under the numbers below */
    dev_t device;
    ino_t inode;
};

/* The pid that the lock file of a living owner holds, or 0. */
static pid_t
read_owner(int fd)
{
    char text[32];
    uint64_t pid;
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

    if (length <= 0) {
        return 0;
    }
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return util_parse_u64(text, &pid) == 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

static int
write_owner(int fd)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());

    if (ftruncate(fd, 0) < 0) {
        return -errno;
    }
    return pwrite(fd, text, (size_t)length, 0) == length ? 0 : errno != 0 ? -errno : -EIO;
}

/* Returns 0 when nothing or a thing of ours has that name, -EPERM when it is somebody else's. */
static int
check_owner(const char *path)
{
    struct stat status;

    if (lstat(path, &status) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    return status.st_uid == geteuid() ? 0 : -EPERM;
}

static int
open_lock(const char *path)
{
    int error = check_owner(path);
    int fd;

    if (error < 0) {
        return error;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    return fd < 0 ? -errno : fd;
}

static bool
is_still_named(int fd, const char *path)
{
    struct stat ours, named;

    return fstat(fd, &ours) == 0 && lstat(path, &named) == 0 && ours.st_dev == named.st_dev &&
           ours.st_ino == named.st_ino;
}

/* Returns the locked descriptor, -EWOULDBLOCK (*ret_owner is set) or -errno. */
static int
take_lock(const char *path, pid_t *ret_owner)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        int fd = open_lock(path);
        int error;

        if (fd < 0) {
            return fd;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
            error = -errno;
            *ret_owner = read_owner(fd);
            util_close(&fd);
            return error;
        }
        if (is_still_named(fd, path)) {
            return fd;
        }
        /* An owner that left removed it between our open and our lock. */
        util_close(&fd);
    }
    return -EWOULDBLOCK;
}

static void
set_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    util_copy_text(address->sun_path, sizeof(address->sun_path), path);
}

static pid_t
peer_pid(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

/*
 * Somebody may listen there without our lock: another program, or a service whose lock file was
 * swept out of the temporary directory. Returns 0 when nobody listens.
 */
static int
check_stale(const char *path, pid_t *ret_owner)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;

    if (fd < 0) {
        return -errno;
    }
    set_address(&address, path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
        *ret_owner = peer_pid(fd);
        error = -EWOULDBLOCK;
    } else if (errno == EAGAIN) {
        error = -EWOULDBLOCK; /* its queue of clients is full */
    } else if (errno != ECONNREFUSED && errno != ENOENT) {
        error = -errno;
    }
    util_close(&fd);
    return error;
}

int
control_socket_look(const char *path, pid_t *ret_owner)
{
    struct stat status;

    *ret_owner = 0;
    if (lstat(path, &status) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    if (!S_ISSOCK(status.st_mode)) {
        return -ENOTSOCK;
    }
    if (status.st_uid != geteuid()) {
        return -EPERM;
    }
    return check_stale(path, ret_owner);
}

/* Makes the name free. Returns 0, -ENOTSOCK, -EPERM, -EWOULDBLOCK or -errno. */
static int
clear_place(const char *path, pid_t *ret_owner)
{
    int error = control_socket_look(path, ret_owner);

    if (error < 0) {
        return error;
    }
    return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The kernel makes the file with the mode that the umask leaves: 0600 from the first moment. */
static int
bind_private(int fd, const char *path)
{
    struct sockaddr_un address;
    mode_t kept = umask(0177);
    int error = 0;

    set_address(&address, path);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        error = -errno;
    }
    umask(kept);
    return error;
}

static int
listen_at(struct control_socket *control_socket)
{
    struct stat status;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error;

    if (fd < 0) {
        return -errno;
    }
    error = bind_private(fd, control_socket->path);
    if (error == 0 && lstat(control_socket->path, &status) < 0) {
        error = -errno;
    }
    if (error == 0) {
        control_socket->is_bound = true;
        control_socket->device = status.st_dev;
        control_socket->inode = status.st_ino;
        error = listen(fd, BACKLOG) < 0 ? -errno : 0;
    }
    if (error < 0) {
        util_close(&fd);
        return error;
    }
    return fd;
}

static int
name_files(struct control_socket *control_socket, const char *path)
{
    char *lock_path;

    if (asprintf(&lock_path, "%s.lock", path) < 0) {
        return -ENOMEM;
    }
    control_socket->lock_path = lock_path;
    control_socket->path = strdup(path);
    return control_socket->path == NULL ? -ENOMEM : 0;
}

/* Locks the place for us and writes down who we are. Returns 0 or -errno. */
static int
own_place(struct control_socket *control_socket, pid_t *ret_owner)
{
    /* Asked first, so that the word is "somebody else's", not "its lock cannot be opened". */
    int error = check_owner(control_socket->path);

    if (error < 0) {
        return error;
    }
    control_socket->lock_fd = take_lock(control_socket->lock_path, ret_owner);
    if (control_socket->lock_fd < 0) {
        return control_socket->lock_fd;
    }
    return write_owner(control_socket->lock_fd);
}

/* Returns the listening socket or -errno; the caller closes `control_socket` then. */
static int
open_in_order(struct control_socket *control_socket, const char *path, pid_t *ret_owner)
{
    int error = name_files(control_socket, path);

    if (error < 0) {
        return error;
    }
    error = own_place(control_socket, ret_owner);
    if (error < 0) {
        return error;
    }
    error = clear_place(path, ret_owner);
    return error < 0 ? error : listen_at(control_socket);
}

int
control_socket_open(const char *path, struct control_socket **ret_socket, int *ret_fd,
                    pid_t *ret_owner)
{
    struct control_socket *control_socket;
    int fd;

    *ret_owner = 0;
    if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        return -ENAMETOOLONG;
    }
    control_socket = calloc(1, sizeof(*control_socket));
    if (control_socket == NULL) {
        return -ENOMEM;
    }
    control_socket->lock_fd = -1;
    fd = open_in_order(control_socket, path, ret_owner);
    if (fd < 0) {
        control_socket_close(control_socket);
        return fd;
    }
    *ret_socket = control_socket;
    *ret_fd = fd;
    return 0;
}

static void
remove_socket(const struct control_socket *control_socket)
{
    struct stat status;

    if (control_socket->is_bound && lstat(control_socket->path, &status) == 0 &&
        status.st_dev == control_socket->device && status.st_ino == control_socket->inode) {
        unlink(control_socket->path);
    }
}

void
control_socket_close(struct control_socket *control_socket)
{
    if (control_socket == NULL) {
        return;
    }
    remove_socket(control_socket);
    if (control_socket->lock_fd >= 0 &&
        is_still_named(control_socket->lock_fd, control_socket->lock_path)) {
        unlink(control_socket->lock_path);
    }
    util_close(&control_socket->lock_fd);
    free(control_socket->lock_path);
    free(control_socket->path);
    free(control_socket);
}
