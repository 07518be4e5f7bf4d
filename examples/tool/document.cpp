// SPDX-License-Identifier: BSL-1.0
#include "document.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>

#include <unistd.h>

namespace tool {
namespace {

bool is_json = false;
bool is_printed = false;

void write_all(int stream, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(stream, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Whether threads ran out, which may pass: any other exception would come again.
bool may_pass() {
    try {
        if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
    } catch (const std::system_error& e) {
        return e.code() == std::errc::resource_unavailable_try_again;
    } catch (...) {
    }
    return false;
}

[[noreturn]] void end_with_a_word() {
    const bool retryable = may_pass();
    document::print_last_resort(retryable);
    write_all(STDERR_FILENO, retryable
                                 ? "rowferry: stopped by an internal error; run the same command again to continue\n"
                                 : "rowferry: stopped by an internal error\n");
    constexpr int stopped = 1;
    constexpr int needs_person = 4;
    _exit(retryable ? stopped : needs_person);
}

} // namespace

bool asks_for_json(int argc, const char* const* argv) {
    return std::any_of(argv, argv + argc,
                       [](std::string_view word) { return word == "--json" || word.starts_with("--json="); });
}

void document::expect(bool as_json) {
    is_json = as_json;
    std::set_terminate(end_with_a_word);
}

bool document::print(const std::string& text) {
    is_printed = true;
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return std::fflush(stdout) == 0 && written;
}

void document::print_last_resort(bool retryable) {
    if (!is_json || is_printed) return;
    is_printed = true;
    write_all(
        STDOUT_FILENO,
        retryable
            ? "{\"tables\":[],\"totals\":{\"outcome\":\"stopped\"},\"error\":{\"message\":\"stopped by an internal "
              "error; run the same command again to continue\",\"retryable\":true}}\n"
            : "{\"tables\":[],\"totals\":{\"outcome\":\"stopped\"},\"error\":{\"message\":\"stopped by an internal "
              "error\",\"retryable\":false}}\n");
}

} // namespace tool
