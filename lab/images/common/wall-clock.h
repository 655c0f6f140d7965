/* How wrong a container's wall clock is: what all its processes share, in one small file.
 *
 * It shows: true time + offset_ns + skew * (CLOCK_MONOTONIC - since_ns).
 */
#ifndef WALL_CLOCK_H
#define WALL_CLOCK_H

#include <stdint.h>

#define WALL_CLOCK "/var/lib/boothlab/wall-clock"
#define NS_PER_S 1000000000LL

struct bend {
    int64_t offset_ns;
    int64_t since_ns; /* CLOCK_MONOTONIC when the skew began */
    double skew;      /* its rate less 1: -0.5 is half as fast */
};

/* The one that counts is never written to: a reader needs no lock, and a writer that
 * dies leaves nothing half done. */
struct wall_clock {
    int64_t current;
    struct bend bends[2];
};

#endif
