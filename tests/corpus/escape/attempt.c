/* Attempts to leave the sandbox that need system calls of their own: `attempt NAME [ARGUMENT]`.
 *
 * It says ESCAPED when one succeeds, and why it did not otherwise. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int socket_of(int domain, int type, int protocol) { return socket(domain, type, protocol); }

static struct sockaddr_in loopback(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return to;
}

static int udp(void) {
  struct sockaddr_in to = loopback();
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  return s < 0 ? -1 : sendto(s, "x", 1, 0, (struct sockaddr *)&to, sizeof to);
}

static int fast_open(void) {
  struct sockaddr_in to = loopback();
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (s < 0) return -1;
  /* That there is a socket to try with is the escape. */
  sendto(s, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to);
  return 0;
}

static int unix_server(const char *name, int abstract) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  strncpy(at.sun_path + abstract, name, sizeof at.sun_path - 2);
  int s = socket(AF_UNIX, SOCK_STREAM, 0);
  return s < 0 ? -1 : bind(s, (struct sockaddr *)&at, sizeof(sa_family_t) + abstract + strlen(name));
}

/* A pair of datagram sockets can be sent elsewhere: each message may have an address. */
static int datagram_pair(void) {
  int pair[2];
  return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
}

static int rebind_pair(void) {
  int pair[2];
  struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "/tmp/rebound"};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return -1;
  return bind(pair[0], (struct sockaddr *)&at, sizeof at);
}

static int reconnect_pair(void) {
  int pair[2];
  struct sockaddr at = {.sa_family = AF_UNSPEC};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return -1;
  return connect(pair[0], &at, sizeof at) == 0 || errno != EPERM ? 0 : -1;
}

static int trace_child(void) {
  pid_t child = fork();
  if (child == 0) for (;;) pause();
  int result = ptrace(PTRACE_ATTACH, child, 0, 0);
  int error = errno;
  kill(child, SIGKILL);
  errno = error;
  return result;
}

static int read_memory(pid_t pid) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)&read_memory, 1};
  return process_vm_readv(pid, &here, 1, &there, 1, 0);
}

static int open_of(pid_t pid, const char *what) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
  return open(path, O_RDONLY);
}

/* Who isn't this process's ancestor in the sandbox is its supervisor, or above it. */
static pid_t supervisor(void) { return atoi(getenv("SUPERVISOR") ? getenv("SUPERVISOR") : "1"); }

static int memory_program(void) {
  int file = memfd_create("program", 0);
  return file;
}

static int unshare_of(int flags) { return unshare(flags); }

static int clone_of(int flags) {
  long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid(pid, 0, 0);
  return pid < 0 ? -1 : 0;
}

static int clone3_of(unsigned long long flags) {
  struct { unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } args = {0};
  args.flags = flags;
  args.exit_signal = SIGCHLD;
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid(pid, 0, 0);
  return pid < 0 ? -1 : 0;
}

static int limit_of_other(void) {
  struct rlimit limit;
  return prlimit(getppid(), RLIMIT_NOFILE, 0, &limit);
}

static int raise_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NPROC, &limit);
  limit.rlim_cur = limit.rlim_max = 100000;
  return setrlimit(RLIMIT_NPROC, &limit);
}

static int type_for_others(void) {
  char byte = '\n';
  return ioctl(0, TIOCSTI, &byte) == 0 || errno != EPERM ? 0 : -1;
}

static int allocate(void) {
  /* 10 GiB, touched page by page. */
  for (int i = 0; i < 640; i++) {
    char *at = malloc(16 << 20);
    if (!at) return -1;
    memset(at, 1, 16 << 20);
  }
  return 0;
}

/* An old number: a call of the 32-bit interface, or of x32, that a filter by number might not know. */
static int other_interface(void) {
#ifdef __x86_64__
  return syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0);
#else
  errno = ENOSYS;
  return -1;
#endif
}

int main(int count, char **words) {
  const char *name = count > 1 ? words[1] : "";
  const char *argument = count > 2 ? words[2] : "";
  long result = -1;
  errno = 0;
#define TRY(attempt, expression) else if (!strcmp(name, attempt)) result = (expression)
  if (!*name) return 2;
  TRY("nothing", 0);
  TRY("tcp", socket_of(AF_INET, SOCK_STREAM, 0));
  TRY("tcp6", socket_of(AF_INET6, SOCK_STREAM, 0));
  TRY("udp", udp());
  TRY("udp6", socket_of(AF_INET6, SOCK_DGRAM, 0));
  TRY("mptcp", socket_of(AF_INET, SOCK_STREAM, 262));
  TRY("sctp", socket_of(AF_INET, SOCK_STREAM, 132));
  TRY("fast-open", fast_open());
  TRY("raw", socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  TRY("ping", socket_of(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  TRY("packet", socket_of(AF_PACKET, SOCK_RAW, 0));
  TRY("netlink", socket_of(AF_NETLINK, SOCK_RAW, 0));
  TRY("vsock", socket_of(40, SOCK_STREAM, 0));
  TRY("alg", socket_of(38, SOCK_SEQPACKET, 0));
  TRY("unix-path", unix_server("/tmp/socket", 0));
  TRY("unix-abstract", unix_server("escape", 1));
  TRY("datagram-pair", datagram_pair());
  TRY("rebind-pair", rebind_pair());
  TRY("reconnect-pair", reconnect_pair());
  TRY("io-uring", syscall(SYS_io_uring_setup, 1, (char[256]){0}));
  TRY("ptrace-child", trace_child());
  TRY("ptrace-supervisor", ptrace(PTRACE_SEIZE, supervisor(), 0, 0));
  TRY("read-supervisor", read_memory(supervisor()));
  TRY("memory-of-supervisor", open_of(supervisor(), "mem"));
  TRY("environ-of-supervisor", open_of(supervisor(), "environ"));
  TRY("descriptors-of-supervisor", syscall(SYS_pidfd_open, supervisor(), 0));
  TRY("signal-supervisor", kill(supervisor(), 0));
  TRY("signal-everybody", kill(1, SIGURG));
  TRY("stop-supervisor", kill(supervisor(), SIGSTOP));
  TRY("limit-of-other", limit_of_other());
  TRY("raise-limit", raise_limit());
  TRY("slow-supervisor", setpriority(PRIO_PROCESS, supervisor(), 19));
  TRY("memfd", memory_program());
  TRY("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
  TRY("add-key", syscall(SYS_add_key, "user", "escape", "x", 1, KEY_SPEC_PROCESS_KEYRING));
  TRY("bpf", syscall(SYS_bpf, 0, (char[128]){0}, 128) >= 0 || errno != EPERM ? 0 : -1);
  TRY("perf", syscall(SYS_perf_event_open, (char[128]){0}, 0, -1, -1, 0) >= 0 || (errno != EPERM && errno != EACCES) ? 0 : -1);
  TRY("userfaultfd", syscall(SYS_userfaultfd, 1));
  TRY("personality", personality(ADDR_NO_RANDOMIZE));
  TRY("unshare-user", unshare_of(CLONE_NEWUSER));
  TRY("unshare-net", unshare_of(CLONE_NEWUSER | CLONE_NEWNET));
  TRY("unshare-mount", unshare_of(CLONE_NEWUSER | CLONE_NEWNS));
  TRY("clone-user", clone_of(CLONE_NEWUSER));
  TRY("clone3-user", clone3_of(CLONE_NEWUSER));
  TRY("setns", setns(open("/proc/1/ns/net", O_RDONLY), 0));
  TRY("mount", mount("none", "/tmp", "tmpfs", 0, 0));
  TRY("fsopen", syscall(SYS_fsopen, "tmpfs", 0) >= 0 || errno != EPERM ? 0 : -1);
  TRY("chroot", chroot("/tmp"));
  TRY("open-by-handle", syscall(SYS_open_by_handle_at, AT_FDCWD, (char[64]){0}, 0) >= 0 || errno != EPERM ? 0 : -1);
  TRY("setuid", setuid(0));
  TRY("shared-memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
  TRY("device", mknod("/tmp/device", S_IFCHR | 0666, 0x103));
  TRY("type", type_for_others());
  TRY("write-outside", open(argument, O_WRONLY | O_CREAT, 0666));
  TRY("read-outside", open(argument, O_RDONLY));
  TRY("truncate-outside", truncate(argument, 0));
  TRY("execute", (execl(argument, argument, "nothing", (char *)0), -1));
  TRY("allocate", allocate());
  TRY("other-interface", other_interface());
  TRY("syslog", syscall(SYS_syslog, 3, (char[64]){0}, 64));
  else {
    fprintf(stderr, "no such attempt: %s\n", name);
    return 2;
  }
  if (result >= 0) {
    printf("ESCAPED %s\n", name);
    return 0;
  }
  printf("refused %s: %s\n", name, strerror(errno));
  return 1;
}
