/* What a power cut leaves: an LD_PRELOAD library that keeps, beside each file,
   what the file held when it was last synced (FILE.synced). A process is run
   with it and killed; tests/faults/disk.rs then puts the files together as a
   disk would have kept them.
   Build: cc -shared -fPIC -O2 -o powercut.so powercut.c -ldl -lpthread */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* Copies the file behind fd; the rename makes the copy appear whole or not at
   all, so that a kill in the middle leaves the sync before this one. A sync that
   cannot be recorded must not look like one that never was: we give up loudly. */
static void keep(int fd) {
    char link[64], path[4096], half[4200], kept[4200];
    struct stat status;
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) abort();
    path[length] = 0;
    snprintf(half, sizeof half, "%s.synced-half", path);
    snprintf(kept, sizeof kept, "%s.synced", path);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) return; /* unlinked: nothing of it outlives a cut */
    int to = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) abort();
    off_t done = 0;
    while (done < status.st_size)
        if (sendfile(to, from, &done, status.st_size - done) <= 0) abort();
    close(from);
    close(to);
    if (rename(half, kept)) abort();
}

static int synced(const char *name, int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    int result = real(fd);
    if (result) return result;
    pthread_mutex_lock(&one_at_a_time);
    keep(fd);
    pthread_mutex_unlock(&one_at_a_time);
    return 0;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
