// Between a program and the system, by LD_PRELOAD: notes each change of files below SHIM_ROOT in SHIM_LOG, in the order in which it was made, with syncs
// and with what the program says on its standard output; makes the k-th call fail (SHIM_FAULT=write:k:errno, sync:k:errno; errno 9999 kills, 0 cuts a
// write short; SHIM_FOREVER=1 fails every later one too); makes every sync last SHIM_SYNC_MICROS longer.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define PARTS 1024

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *fault_kind;
static int log_fd = -1, fault_errno, forever;
static long fault_at, calls;
static uint64_t syncs;
static useconds_t sync_micros;

__attribute__((constructor)) static void start(void) {
  static char kind[8];
  const char *fault = getenv("SHIM_FAULT"), *micros = getenv("SHIM_SYNC_MICROS"), *log = getenv("SHIM_LOG");
  root = getenv("SHIM_ROOT");
  forever = getenv("SHIM_FOREVER") != NULL;
  if (fault && sscanf(fault, "%7[a-z]:%ld:%d", kind, &fault_at, &fault_errno) == 3) fault_kind = kind;
  if (micros) sync_micros = (useconds_t)atol(micros);
  if (log) log_fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int below_root(const char *path) { return root && strncmp(path, root, strlen(root)) == 0; }

// The path of an open file below the root; 0 for any other.
static int path_of(int fd, char *path) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return below_root(path);
}

// One record: kind, bytes of the path, offset, bytes; then the path and the bytes. Appended in one call, whole even where several processes write.
static void note(char kind, const char *path, uint64_t offset, const struct iovec *parts, size_t length) {
  if (log_fd < 0) return;
  uint64_t head[4] = {(uint64_t)kind, strlen(path), offset, length};
  struct iovec all[PARTS + 2] = {{head, sizeof head}, {(void *)path, strlen(path)}};
  int used = 2;
  for (size_t left = length; left > 0 && used < PARTS + 2; left -= all[used++].iov_len) {
    all[used] = *parts++;
    if (all[used].iov_len > left) all[used].iov_len = left;
  }
  syscall(SYS_writev, log_fd, all, used);
}

// Whether this call is to fail; kills the process where it is to be killed.
static int fails(const char *kind) {
  if (!fault_kind || strcmp(kind, fault_kind) != 0) return 0;
  calls++;
  if (calls < fault_at || (calls > fault_at && !forever)) return 0;
  if (fault_errno == 9999) raise(SIGKILL);
  return 1;
}

typedef ssize_t Put(int fd, const struct iovec *parts, int count, off_t offset);
static ssize_t put_at(int fd, const struct iovec *parts, int count, off_t offset) { return REAL(pwritev64)(fd, parts, count, offset); }
static ssize_t put_next(int fd, const struct iovec *parts, int count, off_t offset) { (void)offset; return REAL(writev)(fd, parts, count); }

static ssize_t put(Put *real, int fd, const struct iovec *parts, int count, off_t offset) {
  char path[PATH_MAX];
  struct iovec half;
  if (fd == STDOUT_FILENO) {
    pthread_mutex_lock(&turn);
    ssize_t said = real(fd, parts, count, offset);
    if (said > 0) note('a', "", 0, parts, (size_t)said);
    pthread_mutex_unlock(&turn);
    return said;
  }
  if (!path_of(fd, path)) return real(fd, parts, count, offset);
  pthread_mutex_lock(&turn);
  ssize_t done = -1;
  int failing = fails("write");
  if (failing && fault_errno != 0) {
    errno = fault_errno;
  } else {
    if (failing) half = (struct iovec){parts[0].iov_base, (parts[0].iov_len + 1) / 2}, parts = &half, count = 1;
    off_t at = real == put_at ? offset : lseek(fd, 0, SEEK_CUR);
    done = real(fd, parts, count, offset);
    if (done > 0) note(fcntl(fd, F_GETFL) & O_DSYNC ? 'W' : 'w', path, (uint64_t)at, parts, (size_t)done);
  }
  pthread_mutex_unlock(&turn);
  return done;
}

ssize_t write(int fd, const void *bytes, size_t length) { return put(put_next, fd, &(struct iovec){(void *)bytes, length}, 1, 0); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return put(put_next, fd, parts, count, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return put(put_at, fd, &(struct iovec){(void *)bytes, length}, 1, offset); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) { return put(put_at, fd, &(struct iovec){(void *)bytes, length}, 1, offset); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return put(put_at, fd, parts, count, offset); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) { return put(put_at, fd, parts, count, offset); }

static int sync_by(int (*real)(int), int fd) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd);
  pthread_mutex_lock(&turn);
  uint64_t number = (uint64_t)getpid() << 32 | ++syncs;
  int failing = fails("sync");
  if (!failing) note('s', path, number, NULL, 0);
  pthread_mutex_unlock(&turn);
  if (failing) return errno = fault_errno, -1;
  if (sync_micros) usleep(sync_micros);
  int result = real(fd);
  if (result == 0) {
    pthread_mutex_lock(&turn);
    note('e', path, number, NULL, 0);
    pthread_mutex_unlock(&turn);
  }
  return result;
}

int fsync(int fd) { return sync_by(REAL(fsync), fd); }
int fdatasync(int fd) { return sync_by(REAL(fdatasync), fd); }

static int truncate_by(int (*real)(int, off_t), int fd, off_t size) {
  char path[PATH_MAX];
  if (!path_of(fd, path)) return real(fd, size);
  pthread_mutex_lock(&turn);
  int result = real(fd, size);
  if (result == 0) note('t', path, (uint64_t)size, NULL, 0);
  pthread_mutex_unlock(&turn);
  return result;
}

int ftruncate(int fd, off_t size) { return truncate_by(REAL(ftruncate), fd, size); }
int ftruncate64(int fd, off_t size) { return truncate_by(REAL(ftruncate64), fd, size); }

// Renames and removals of paths below the root; relative ones are the caller's own affair.
static void note_names(char kind, const char *path, const char *to) {
  struct iovec target = {(void *)to, strlen(to)};
  if (below_root(path)) note(kind, path, 0, &target, target.iov_len);
}

int rename(const char *from, const char *to) {
  pthread_mutex_lock(&turn);
  int result = REAL(rename)(from, to);
  if (result == 0) note_names('r', from, to);
  pthread_mutex_unlock(&turn);
  return result;
}

int unlink(const char *path) {
  pthread_mutex_lock(&turn);
  int result = REAL(unlink)(path);
  if (result == 0) note_names('u', path, "");
  pthread_mutex_unlock(&turn);
  return result;
}
