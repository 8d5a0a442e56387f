#include "flowlet/host.h"
#include "support.h"

#include <poll.h>
#include <unistd.h>

#include <csignal>

namespace flowlet::host {
namespace {

using test::eventually;
using test::in_own_process;

bool readable(int descriptor) {
    pollfd watched = {descriptor, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

/// Sends a signal to this process and waits until the Interrupt has seen it.
bool raise_and_wait(const Interrupt& interrupt, int signal) {
    ::kill(::getpid(), signal);
    return eventually([&] { return interrupt.raised() != 0 && readable(interrupt.descriptor()); });
}

/// A signal that does not raise it: a SIGINT is seen as taken once it is pending no more.
void send_and_wait(int signal) {
    ::kill(::getpid(), signal);
    eventually([&] {
        sigset_t pending;
        ::sigpending(&pending);
        return sigismember(&pending, signal) == 0;
    });
}

TEST(Interrupt, no_signal_no_interrupt) {
    EXPECT_EQ(in_own_process([] {
                  const auto interrupt = install_interrupt();
                  return interrupt->raised() == 0 && !readable(interrupt->descriptor());
              }),
              0);
}

TEST(Interrupt, each_of_the_three_signals_raises_it) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        EXPECT_EQ(in_own_process([signal] {
                      const auto interrupt = install_interrupt();
                      return raise_and_wait(*interrupt, signal) && interrupt->raised() == signal;
                  }),
                  0)
            << signal;
    }
}

TEST(Interrupt, a_shield_hides_the_first_signal_and_a_second_passes_it) {
    EXPECT_EQ(in_own_process([] {
                  const auto interrupt = install_interrupt();
                  interrupt->shield(true);
                  send_and_wait(SIGINT);
                  if (interrupt->raised() != 0 || readable(interrupt->descriptor())) return false;
                  return raise_and_wait(*interrupt, SIGINT);
              }),
              0);
}

TEST(Interrupt, a_shield_raised_after_the_first_signal_wants_another) {
    EXPECT_EQ(in_own_process([] {
                  const auto interrupt = install_interrupt();
                  if (!raise_and_wait(*interrupt, SIGTERM)) return false;
                  interrupt->shield(true);
                  if (interrupt->raised() != 0 || readable(interrupt->descriptor())) return false;
                  return raise_and_wait(*interrupt, SIGTERM);
              }),
              0);
}

TEST(Interrupt, a_shield_that_falls_shows_what_came) {
    EXPECT_EQ(in_own_process([] {
                  const auto interrupt = install_interrupt();
                  interrupt->shield(true);
                  send_and_wait(SIGHUP);
                  interrupt->shield(false);
                  return eventually([&] { return interrupt->raised() == SIGHUP; }) && readable(interrupt->descriptor());
              }),
              0);
}

TEST(Interrupt, a_broken_pipe_ends_nothing) {
    EXPECT_EQ(in_own_process([] {
                  const auto interrupt = install_interrupt();
                  ::raise(SIGPIPE);
                  return true;
              }),
              0);
}

TEST(Interrupt, it_can_be_taken_down) {
    EXPECT_EQ(in_own_process([] {
                  for (int times = 0; times < 50; ++times)
                      install_interrupt();
                  return true;
              }),
              0);
}

TEST(Interrupt, a_sleep_ends_with_it) {
    EXPECT_EQ(in_own_process([] {
                  const auto interrupt = install_interrupt();
                  const auto host = make_host(interrupt.get());
                  std::thread sender([] { ::kill(::getpid(), SIGTERM); });
                  const bool slept = host->sleep(std::chrono::hours(1));
                  sender.join();
                  return !slept;
              }),
              0);
}

TEST(Interrupt, a_child_and_its_group_end_with_it) {
    for (const bool change : {false, true}) {
        EXPECT_EQ(in_own_process([change] {
                      const auto interrupt = install_interrupt();
                      const auto host = make_host(interrupt.get());
                      const auto command =
                          test::script("sleep 1000 & echo $!; kill -INT " + std::to_string(::getpid()) + "; wait");
                      const Exit exit = change ? host->run(command) : host->query(command);
                      const pid_t grandchild = std::stoi(exit.out);
                      return exit.interrupted && eventually([&] { return test::is_gone(grandchild); });
                  }),
                  0);
    }
}

}  // namespace
}  // namespace flowlet::host
