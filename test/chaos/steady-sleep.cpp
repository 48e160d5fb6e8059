// Stands before libfaketime, which moves absolute sleeps by the steady clock as if they were by the wall clock
// (0.9.10, with FAKETIME_DONT_FAKE_MONOTONIC, too): they end at once with EINVAL, and a thread that paces itself spins.
#include <cerrno>
#include <ctime>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int clock_nanosleep(clockid_t clock, int flags, const timespec* until, timespec* left) {
  return syscall(SYS_clock_nanosleep, clock, flags, until, left) == 0 ? 0 : errno;
}
