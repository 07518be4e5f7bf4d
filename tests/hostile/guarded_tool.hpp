// SPDX-License-Identifier: BSL-1.0
// Runs the tool against a server that may do anything to it: with a time after which it is killed, and its greatest memory.
//
//   ROWFERRY_TOOL             the tool to run (default: the one of this build)
//   ROWFERRY_HOSTILE_RECORD   a file to which each named case appends its name, its exit code and what the tool said
#ifndef ROWFERRY_TESTS_HOSTILE_GUARDED_TOOL_HPP
#define ROWFERRY_TESTS_HOSTILE_GUARDED_TOOL_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hostile {

inline constexpr int found_by_sanitizer = 99;

struct outcome {
    int exit_code = -1; ///< 128 and the signal's number when one ended it
    bool hung = false;  ///< it had to be killed after `patience`
    bool grew = false;  ///< it had to be killed because of its memory
    bool dumped_core = false;
    std::string out{};
    std::string err{};
    std::uint64_t peak_bytes = 0;
    std::chrono::milliseconds took{0};

    [[nodiscard]] bool crashed() const {
        return !hung && !grew && exit_code >= 128 && exit_code != 129 && exit_code != 130 && exit_code != 143;
    }
    [[nodiscard]] bool says(std::string_view part) const {
        return out.find(part) != std::string::npos || err.find(part) != std::string::npos;
    }
};

/// What the tool may take: 256 MiB, and more where it is built with sanitizers.
std::uint64_t most_memory();

struct guard {
    std::string name{};                         ///< of the case, for the record
    std::chrono::milliseconds patience{60'000}; ///< for a busy machine
    std::vector<std::string> environment{};     ///< "NAME=value", besides the process's own
    int signal = 0;                             ///< sent after `signal_after`
    std::chrono::milliseconds signal_after{0};
    std::uint64_t address_space = 0; ///< a limit in bytes; 0 is none
    bool may_dump_core = false;
};

/// Whether this program, and so the tool of its build, has the address sanitizer.
bool is_sanitized();

/// Starts the tool, waits for it, and collects what it said.
outcome run_guarded(const std::vector<std::string>& arguments, const guard& g = {});
/// Several at once, each in a thread; the outcomes in the same order.
std::vector<outcome> run_together(const std::vector<std::function<outcome()>>& runs);
/// The same with any program.
outcome run_program(const std::vector<std::string>& command, const guard& g = {});

/// The arguments that copy table `t`, quickly: no delays between retries, and few of them.
std::vector<std::string> copy_arguments(const std::string& source, const std::string& target,
                                        const std::vector<std::string>& more = {});
std::vector<std::string> verify_arguments(const std::string& source, const std::string& target);

} // namespace hostile

#endif
