#include "sweeps/program_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// What goes over the socket, in both directions.
struct Message {
  char kind;   // to the guard: 's'tart, 'k'ill with a signal, 'h'ere; from it: 'r'unning, 'f'ailed to start, 'e'nded
  int number;  // the signal; the error number; the status
};

/// Sends a message, with files when there are any. False when the other side is gone.
bool send_message(int socket, Message message, const int* files = nullptr, std::size_t count = 0) {
  iovec part{&message, sizeof message};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char space[CMSG_SPACE(3 * sizeof(int))] = {};
  if (count > 0) {
    header.msg_control = space;
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(control), files, count * sizeof(int));
  }
  ssize_t sent = 0;
  do sent = sendmsg(socket, &header, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof message);
}

// Everything from here to the end of `Guardian` runs in a fork of a process that may have other threads: no allocation,
// no locks, system calls only.

double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// The process that watches.
class Guardian {
 public:
  Guardian(int socket, double silence) : socket_(socket), silence_(silence) {}

  [[noreturn]] void run() {
    prepare();
    for (;;) {
      pollfd events[2] = {{socket_, POLLIN, 0}, {child_ended_, POLLIN, 0}};
      poll(events, 2, patience_ms());
      if (events[1].revents) {
        signalfd_siginfo ignored;
        while (read(child_ended_, &ignored, sizeof ignored) > 0) {
        }
      }
      reap();
      if (events[0].revents) answer();
      if (program_ > 0 && !paused_ && seconds_now() - heard_ > silence_) {
        ::kill(-program_, SIGSTOP);
        paused_ = true;
      }
    }
  }

 private:
  void prepare() {
    setsid();  // Ctrl-C and the launcher's signals are the worker's affair
    prctl(PR_SET_NAME, "atelier-guard");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    // Pipes and sockets of the worker would stay open with us.
    if (socket_ != 3) socket_ = dup2(socket_, 3);
    fcntl(socket_, F_SETFD, FD_CLOEXEC);
    if (syscall(SYS_close_range, 4u, ~0u, 0u) != 0) {
      for (int file = 4; file < 65536; ++file) close(file);
    }
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int file = 0; file < 3; ++file) dup2(nothing, file);
    close(nothing);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    child_ended_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  int patience_ms() const {
    if (program_ <= 0 || paused_) return -1;
    const double left = silence_ - (seconds_now() - heard_);
    return left <= 0 ? 1 : static_cast<int>(left * 1000) + 1;
  }

  /// One message of the worker; its silence for ever ends everything.
  void answer() {
    Message message{};
    iovec part{&message, sizeof message};
    alignas(cmsghdr) char space[CMSG_SPACE(3 * sizeof(int))];
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = space;
    header.msg_controllen = sizeof space;
    const ssize_t size = recvmsg(socket_, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size != static_cast<ssize_t>(sizeof message)) {
      end_program();
      _exit(0);
    }
    heard_ = seconds_now();
    if (message.kind == 's') {
      int files[3] = {-1, -1, -1};
      const cmsghdr* control = CMSG_FIRSTHDR(&header);
      if (control && control->cmsg_len == CMSG_LEN(sizeof files)) std::memcpy(files, CMSG_DATA(control), sizeof files);
      start(files[0], files[1], files[2]);
      for (const int file : files) close(file);
      return;
    }
    if (program_ <= 0) return;
    if (message.kind == 'k') ::kill(-program_, message.number);
    // A stopped program acts on a signal only when it goes on.
    if (paused_) ::kill(-program_, SIGCONT);
    paused_ = false;
  }

  /// `request`: two counts, then so many arguments and variables, each ended by a zero.
  void start(int request, int output, int errors) {
    const off_t size = lseek(request, 0, SEEK_END);
    void* mapped = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_PRIVATE, request, 0);
    if (size <= 0 || mapped == MAP_FAILED) {
      send_message(socket_, {'f', errno});
      return;
    }
    std::uint32_t counts[2];
    std::memcpy(counts, mapped, sizeof counts);
    const std::size_t table_bytes = (counts[0] + counts[1] + 2) * sizeof(char*);
    void* table = mmap(nullptr, table_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int problem = errno;
    pid_t child = -1;
    if (table != MAP_FAILED) {
      char** words = static_cast<char**>(table);
      char* text = static_cast<char*>(mapped) + sizeof counts;
      for (std::size_t i = 0; i < counts[0] + counts[1] + 1; ++i) {
        if (i == counts[0]) continue;  // the zero between arguments and variables
        words[i] = text;
        text += std::strlen(text) + 1;
      }
      child = spawn(words, words + counts[0] + 1, output, errors, problem);
      munmap(table, table_bytes);
    }
    munmap(mapped, static_cast<std::size_t>(size));
    if (child > 0) program_ = child;
    send_message(socket_, {child > 0 ? 'r' : 'f', problem});
  }

  /// vfork: the child borrows our memory until it has become the program, so that it can say why it could not.
  static pid_t spawn(char** arguments, char** variables, int output, int errors, int& problem) {
    volatile int failure = 0;
    const pid_t guard = getpid();
    const pid_t child = vfork();
    if (child == 0) {
      setpgid(0, 0);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != guard) _exit(127);
      dup2(output, STDOUT_FILENO);
      dup2(errors, STDERR_FILENO);
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      environ = variables;  // its PATH is the one that counts
      execvp(arguments[0], arguments);
      failure = errno;
      _exit(127);
    }
    problem = child < 0 ? errno : failure;
    if (child > 0 && failure != 0) {
      waitpid(child, nullptr, 0);
      return -1;
    }
    return child;
  }

  /// Buries the dead. When the program is among them, whatever it has left is ended, and the worker is told.
  void reap() {
    for (;;) {
      siginfo_t who{};
      if (waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) != 0 || who.si_pid == 0) return;
      if (who.si_pid != program_) {
        waitpid(who.si_pid, nullptr, WNOHANG);
        continue;
      }
      const int status = end_program();
      send_message(socket_, {'e', status});
    }
  }

  /// Kills the program, its group and whatever we have adopted, until nothing is left. How the program ended.
  int end_program() {
    int status = 0;
    if (program_ > 0) {
      // Not yet buried, its number is still its own, and so is its group's.
      ::kill(-program_, SIGKILL);
      ::kill(program_, SIGKILL);  // should it have left its group
      while (waitpid(program_, &status, 0) < 0 && errno == EINTR) {
      }
      program_ = -1;
      paused_ = false;
    }
    // What cannot be killed waits for a disk or a driver: that must not hold us up for ever.
    for (int tries = 0; tries < 5000; ++tries) {
      const pid_t buried = waitpid(-1, nullptr, WNOHANG);
      if (buried > 0) continue;
      if (buried < 0) break;
      kill_children();
      const timespec moment{0, 1'000'000};
      nanosleep(&moment, nullptr);
    }
    return status;
  }

  /// The kernel's own list of our children: numbers with a space behind each.
  static void kill_children() {
    const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (list < 0) return;
    char text[4096];
    pid_t number = 0;
    for (ssize_t size = 0; (size = read(list, text, sizeof text)) > 0;) {
      for (ssize_t i = 0; i < size; ++i) {
        if (text[i] >= '0' && text[i] <= '9') {
          number = number * 10 + (text[i] - '0');
        } else {
          if (number > 0) ::kill(number, SIGKILL);
          number = 0;
        }
      }
    }
    close(list);
  }

  int socket_, child_ended_ = -1;
  double silence_, heard_ = 0;
  pid_t program_ = -1;
  bool paused_ = false;
};

}  // namespace

struct ProgramGuard::Reply : Message {};

ProgramGuard::~ProgramGuard() { forget_guard(); }

void ProgramGuard::forget_guard() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  // It ends by itself, after what it guards has.
  if (guard_ > 0) {
    while (waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  guard_ = -1;
  running_ = false;
}

void ProgramGuard::ensure_guard() {
  if (socket_ >= 0) return;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw Error(format("cannot make a socket: {}", system_message(errno)));
  }
  guard_ = fork();
  if (guard_ == 0) Guardian(ends[1], std::chrono::duration<double>(silence_).count()).run();
  const int problem = errno;
  close(ends[1]);
  socket_ = ends[0];
  if (guard_ < 0) {
    forget_guard();
    throw Error(format("cannot start a process: {}", system_message(problem)));
  }
}

void ProgramGuard::start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                         int output, int errors) {
  ensure_guard();
  const std::uint32_t counts[2] = {static_cast<std::uint32_t>(arguments.size()),
                                   static_cast<std::uint32_t>(environment.size())};
  std::string text(reinterpret_cast<const char*>(counts), sizeof counts);
  for (const auto* words : {&arguments, &environment}) {
    for (const std::string& word : *words) text.append(word.c_str(), word.size() + 1);
  }
  const int request = memfd_create("atelier-program", MFD_CLOEXEC);
  if (request < 0 || write(request, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    const int problem = errno;
    if (request >= 0) close(request);
    throw Error(format("cannot start {}: {}", arguments[0], system_message(problem)));
  }
  const int files[3] = {request, output, errors};
  const bool sent = send_message(socket_, {'s', 0}, files, 3);
  close(request);
  std::optional<Reply> reply;
  while (sent && !reply) reply = receive(-1);
  if (!sent) {
    forget_guard();
    throw Error("the process that guards programs was killed");
  }
  if (reply->kind != 'r') throw Error(format("cannot start {}: {}", arguments[0], system_message(reply->number)));
  running_ = true;
}

void ProgramGuard::send(char kind, int number) {
  // Should the guard be gone, `wait` says so.
  if (running_) send_message(socket_, {kind, number});
}

void ProgramGuard::signal(int number) { send('k', number); }

void ProgramGuard::keep_alive() { send('h', 0); }

std::optional<ProgramGuard::Reply> ProgramGuard::receive(int timeout_ms) {
  pollfd event{socket_, POLLIN, 0};
  if (poll(&event, 1, timeout_ms) <= 0) return std::nullopt;
  Reply reply;
  const ssize_t size = recv(socket_, &reply, sizeof reply, 0);
  if (size < 0 && errno == EINTR) return std::nullopt;
  if (size == static_cast<ssize_t>(sizeof reply)) return reply;
  forget_guard();
  throw Error("the process that guards programs was killed");
}

std::optional<int> ProgramGuard::wait(std::chrono::milliseconds timeout) {
  const std::optional<Reply> reply = receive(static_cast<int>(timeout.count()));
  if (!reply) return std::nullopt;
  running_ = false;
  return reply->number;
}

void ProgramGuard::kill() {
  signal(SIGKILL);
  try {
    while (running_) wait(std::chrono::seconds(1));
  } catch (const Error&) {
    // The guard was killed, and the program with it.
  }
}

}  // namespace atelier
