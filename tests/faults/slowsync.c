/* A clinic's slow disk: an LD_PRELOAD library that makes every sync SYNC_US
   microseconds slower. For scripts/bench.
   Build: cc -shared -fPIC -O2 -o slowsync.so slowsync.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int fd) {
    static long microseconds = -1;
    if (microseconds < 0) {
        const char *said = getenv("SYNC_US");
        microseconds = said ? atol(said) : 0;
    }
    struct timespec pause = {microseconds / 1000000, microseconds % 1000000 * 1000};
    if (microseconds > 0) nanosleep(&pause, 0);
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
