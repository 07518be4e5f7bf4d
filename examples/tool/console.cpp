// SPDX-License-Identifier: BSL-1.0
#include "console.hpp"

#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace tool {
namespace {

std::size_t terminal_columns() {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1U : 79U; // the last column stays free: some terminals wrap there
}

} // namespace

console::console(const options& wanted) : is_terminal_(isatty(STDERR_FILENO) == 1) {
    if (wanted.progress == progress_choice::always || (wanted.progress == progress_choice::automatic && is_terminal_)) {
        bar_.emplace(stderr, rowferry::progress_style{.terminal = is_terminal_, .columns = terminal_columns()});
    }
    const sink above_the_bar = [this](std::string_view line) {
        if (bar_) {
            bar_->write_above(line);
        } else {
            rowferry::file_sink{stderr}(line);
        }
    };
    if (wanted.log == log_choice::text) text_.emplace(above_the_bar, rowferry::log_scope::trouble);
    if (wanted.log == log_choice::json) json_.emplace(above_the_bar, rowferry::log_scope::all);
}

void console::fit_terminal() {
    if (bar_ && is_terminal_) bar_->set_columns(terminal_columns());
}

} // namespace tool
