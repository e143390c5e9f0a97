/*
 * stall.c: what a reading of PSS and USS does to the process that is read.
 *
 *   stall worker MIB SECONDS PAUSE_US   holds so much memory, then maps and unmaps a little again and again, each time after
 *                                       the pause; prints count and percentiles of the time that took, in nanoseconds
 *   stall reader PID PERCENT SECONDS    reads PID as swarm does, for that share of the time; prints count and time
 *
 * Owns its memory and its samples. Must not read anything that swarm does not read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "master/util.h"
#include "rss/rollup.h"

#define MAPPED_BYTES (64u * 1024u)
#define SAMPLES_MAX 20000000u
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_US 1000
#define US_PER_MS 1000

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void
pause_ns(int64_t ns)
{
    struct timespec span = {.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};

    if (ns > 0) {
        nanosleep(&span, NULL);
    }
}

static int
compare_samples(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* Private pages, each written to, as the heap of a worker. */
static void
hold(size_t bytes)
{
    char *kept = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (kept == MAP_FAILED || madvise(kept, bytes, MADV_NOHUGEPAGE) != 0) {
        perror("stall: memory");
        exit(70);
    }
    memset(kept, 1, bytes);
}

static uint32_t
map_once(void)
{
    int64_t start_ns = now_ns();
    void *mapped =
        mmap(NULL, MAPPED_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapped == MAP_FAILED || munmap(mapped, MAPPED_BYTES) != 0) {
        perror("stall: mmap");
        exit(70);
    }
    return (uint32_t)(now_ns() - start_ns);
}

static void
print_percentiles(uint32_t *samples, size_t count)
{
    static const double shares[] = {0.5, 0.99, 0.999, 1.0};

    qsort(samples, count, sizeof(*samples), compare_samples);
    printf("%zu", count);
    for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
        printf(" %" PRIu32, samples[(size_t)((double)(count - 1) * shares[i])]);
    }
    printf("\n");
}

static int
work(size_t mib, int64_t seconds, int64_t pause_us)
{
    uint32_t *samples = calloc(SAMPLES_MAX, sizeof(*samples));
    int64_t end_ns;
    size_t count = 0;

    if (samples == NULL) {
        return 70;
    }
    hold(mib << 20);
    printf("ready\n");
    fflush(stdout);
    for (end_ns = now_ns() + seconds * NS_PER_S; now_ns() < end_ns && count < SAMPLES_MAX;) {
        samples[count++] = map_once();
        pause_ns(pause_us * NS_PER_US);
    }
    print_percentiles(samples, count);
    free(samples);
    return 0;
}

static int
look(pid_t pid, unsigned percent, int64_t seconds)
{
    struct memory_figures figures = {0};
    int64_t end_ns = now_ns() + seconds * NS_PER_S;
    int64_t total_us = 0;
    unsigned count = 0;

    while (now_ns() < end_ns) {
        int64_t took_us = rollup_read(pid, now_ns() / NS_PER_US / US_PER_MS, &figures);

        if (took_us < 0) {
            fprintf(stderr, "stall: cannot read %d: %s\n", (int)pid, strerror((int)-took_us));
            return 70;
        }
        total_us += took_us;
        count++;
        pause_ns(rollup_rest_ms(took_us, percent) * US_PER_MS * NS_PER_US);
    }
    rollup_done();
    printf("%u %" PRId64 "\n", count, total_us);
    return 0;
}

int
main(int argc, char **argv)
{
    long numbers[3] = {0};

    for (int i = 2; i < argc && i < 5; i++) {
        numbers[i - 2] = strtol(argv[i], NULL, 10);
    }
    if (argc == 5 && strcmp(argv[1], "worker") == 0) {
        return work((size_t)numbers[0], numbers[1], numbers[2]);
    }
    if (argc == 5 && strcmp(argv[1], "reader") == 0) {
        return look((pid_t)numbers[0], (unsigned)numbers[1], numbers[2]);
    }
    fprintf(stderr,
            "usage: stall worker MIB SECONDS PAUSE_US | stall reader PID PERCENT SECONDS\n");
    return 64;
}
