// SPDX-License-Identifier: BSL-1.0
#include "interrupt.hpp"

#include <atomic>
#include <csignal>

#include <signal.h>

namespace tool {
namespace {

// Several threads ask for it, and a handler may set it while they do.
std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int number) {
    received = number;
    // From now on each signal does what it does to any program.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGHUP, SIG_DFL);
}

} // namespace

void handle_signals() {
    struct sigaction action = {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART; // the batch under way goes on
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    // The terminal is gone; under nohup that is to be ignored.
    struct sigaction hangup = {};
    if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

const char* stop_signal() {
    const int number = received;
    if (number == 0) return nullptr;
    return number == SIGTERM ? "SIGTERM" : number == SIGHUP ? "SIGHUP" : "SIGINT";
}

int stop_signal_number() { return received; }

} // namespace tool
