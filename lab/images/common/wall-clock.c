/* Lets the wall clock of one container be wrong while its processes run.
 *
 * Containers share the kernel's clock. This library is loaded into every process
 * (/etc/ld.so.preload) and stands in front of the C library's functions that tell the
 * time, or wait until a time. How wrong the clock is stands in a file that every process
 * has mapped, so a change counts in all of them at once, and they agree. While the clock
 * is right, everything is passed on as it is. The monotonic clocks are never touched.
 *
 * Not reached: programs that are linked statically, system calls made directly, times of
 * files, timers of timer_settime and timerfd_settime that are set to a point in time.
 *
 * BOOTHLAB_WALL_CLOCK: path of the file, when a test runs this.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "wall-clock.h"

static const struct wall_clock *shared;
static int (*next_clock_gettime)(clockid_t, struct timespec *);

/* What follows ours of this name. The oldest version of pthread_cond_timedwait, which
 * dlsym may find, takes another kind of condition. */
static void *next(const char *name)
{
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    return found ? found : dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void attach(void)
{
    int before = errno;
    const char *path = secure_getenv("BOOTHLAB_WALL_CLOCK");
    int file = open(path ? path : WALL_CLOCK, O_RDONLY | O_CLOEXEC);
    struct stat found;

    next_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (file >= 0) {
        if (fstat(file, &found) == 0 && found.st_size >= (off_t)sizeof *shared) {
            void *at = mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, file, 0);
            shared = at == MAP_FAILED ? NULL : at;
        }
        close(file);
    }
    errno = before;
}

static int true_time(clockid_t clock, struct timespec *at)
{
    /* Somebody may ask before we are attached. */
    return next_clock_gettime ? next_clock_gettime(clock, at) : (int)syscall(SYS_clock_gettime, clock, at);
}

static int64_t in_ns(struct timespec at)
{
    return at.tv_sec * NS_PER_S + at.tv_nsec;
}

static struct timespec from_ns(int64_t ns)
{
    int64_t rest = ns % NS_PER_S;
    struct timespec at = {.tv_sec = ns / NS_PER_S - (rest < 0), .tv_nsec = rest + (rest < 0) * NS_PER_S};
    return at;
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec at;
    true_time(clock, &at);
    return in_ns(at);
}

/* How wrong the clock is now; NULL when it is right. */
static const struct bend *bent(void)
{
    const struct bend *bend;
    if (!shared)
        return NULL;
    bend = &shared->bends[__atomic_load_n(&shared->current, __ATOMIC_ACQUIRE) & 1];
    return bend->offset_ns || bend->skew != 0 ? bend : NULL;
}

static int64_t error_ns(const struct bend *bend)
{
    double skewed_ns = bend->skew == 0 ? 0 : bend->skew * (double)(now_ns(CLOCK_MONOTONIC) - bend->since_ns);
    return bend->offset_ns + (int64_t)skewed_ns;
}

/* When it will really be what the clock shows at a point in time, as far as it can be known now. */
static const struct timespec *when(const struct timespec *shown, struct timespec *at)
{
    const struct bend *bend = bent();
    int64_t now, left_ns;
    if (!bend || !shown || shown->tv_nsec < 0 || shown->tv_nsec >= NS_PER_S)
        return shown;
    now = now_ns(CLOCK_REALTIME);
    left_ns = in_ns(*shown) - (now + error_ns(bend));
    *at = from_ns(now + (int64_t)((double)left_ns / (1 + bend->skew)));
    return at;
}

/* What tells the time. */

int clock_gettime(clockid_t clock, struct timespec *at)
{
    const struct bend *bend = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? bent() : NULL;
    int failed = true_time(clock, at);
    if (bend && !failed)
        *at = from_ns(in_ns(*at) + error_ns(bend));
    return failed;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec now;
    if (zone)
        *(struct timezone *)zone = (struct timezone){0, 0};
    if (clock_gettime(CLOCK_REALTIME, &now))
        return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *at, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, at) == 0 ? base : 0;
}

/* What waits until a time. */

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
    struct timespec at;
    if (clock == CLOCK_REALTIME && (flags & TIMER_ABSTIME))
        until = when(until, &at);
    return ((int (*)(clockid_t, int, const struct timespec *, struct timespec *))next("clock_nanosleep"))(
        clock, flags, until, left);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until)
{
    struct timespec at;
    return ((int (*)(sem_t *, const struct timespec *))next("sem_timedwait"))(semaphore, when(until, &at));
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
    struct timespec at;
    return ((int (*)(pthread_mutex_t *, const struct timespec *))next("pthread_mutex_timedlock"))(
        mutex, when(until, &at));
}

/* A condition knows its clock: glibc keeps it in this bit. */
#define WAITS_MONOTONIC 2

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    struct timespec at;
    if (!(condition->__data.__wrefs & WAITS_MONOTONIC))
        until = when(until, &at);
    return ((int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *))next(
        "pthread_cond_timedwait"))(condition, mutex, until);
}
