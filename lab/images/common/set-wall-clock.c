/* Set how wrong a container's wall clock is, in all its processes at once.
 *
 * Usage: set-wall-clock                 print it: milliseconds ahead, and its rate
 *        set-wall-clock step MS         so many milliseconds ahead; 0: right again
 *        set-wall-clock drift RATE      from now on at this rate; 1: right again
 *
 * A step and a drift add up, and each is taken back for itself.
 * BOOTHLAB_WALL_CLOCK: path of the file, when a test runs this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "wall-clock.h"

static int fail(const char *why)
{
    fprintf(stderr, "set-wall-clock: %s\n", why);
    return 1;
}

int main(int count, char **words)
{
    const char *path = getenv("BOOTHLAB_WALL_CLOCK");
    int file = open(path ? path : WALL_CLOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct wall_clock *shared;
    struct timespec now;
    struct bend new;
    char *end = "";
    double value = count == 3 ? strtod(words[2], &end) : 0;

    if (file < 0 || ftruncate(file, sizeof *shared) != 0)
        return fail(strerror(errno));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED)
        return fail(strerror(errno));

    new = shared->bends[shared->current & 1];
    if (count == 1) {
        printf("%.0f %g\n", (double)new.offset_ns / 1e6, 1 + new.skew);
        return 0;
    }
    if (count != 3 || *end || end == words[2])
        return fail("usage: set-wall-clock [step MS | drift RATE]");
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (strcmp(words[1], "step") == 0) {
        new.offset_ns = (int64_t)(value * 1e6);
    } else if (strcmp(words[1], "drift") == 0 && value > 0) {
        new.since_ns = now.tv_sec * NS_PER_S + now.tv_nsec;
        new.skew = value - 1;
    } else {
        return fail("usage: set-wall-clock [step MS | drift RATE], with a rate above 0");
    }
    shared->bends[(shared->current + 1) & 1] = new;
    __atomic_store_n(&shared->current, shared->current + 1, __ATOMIC_RELEASE);
    return 0;
}
