// SPDX-License-Identifier: BSL-1.0
// Stopping in good order: the first SIGINT, SIGTERM or SIGHUP ends the copy after the batch under way, the second ends it at once.
#pragma once

namespace tool {

/// Installs the handlers, and ignores SIGPIPE: a closed pipe is an error of the write, not the end of the copy.
void handle_signals();

/// The first signal that asked to stop, as "SIGINT"; null while there was none.
const char* stop_signal();

/// Its number; 0 while there was none.
int stop_signal_number();

/// A stop request, as `copy` takes it.
struct signal_stop {
    [[nodiscard]] bool stop_requested() const { return stop_signal() != nullptr; }
};

} // namespace tool
