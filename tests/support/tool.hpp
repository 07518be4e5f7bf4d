// SPDX-License-Identifier: BSL-1.0
// Runs the tool `rowferry` as a user does, and holds what it said.
#ifndef ROWFERRY_TESTS_TOOL_HPP
#define ROWFERRY_TESTS_TOOL_HPP

#include "child_process.hpp"

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace support {

struct tool_answer {
    int exit_code = -1;
    std::string out;
    std::string err;
    /// The lines of `err`.
    [[nodiscard]] std::size_t error_lines() const {
        std::size_t lines = 0;
        for (char c : err) lines += c == '\n' ? 1 : 0;
        return lines;
    }
};

/// One run of the tool, started by the constructor; standard output and error go to files of their own.
class tool_run {
public:
    explicit tool_run(const std::vector<std::string>& arguments, const std::string& program = ROWFERRY_TOOL) {
        // The shell parts the two streams; exec, so that the process is the tool itself.
        std::vector<std::string> command{
            "/bin/sh", "-c", "out=$1 err=$2; shift 2; exec \"$@\" > \"$out\" 2> \"$err\"", "sh", out(), err(), program};
        command.insert(command.end(), arguments.begin(), arguments.end());
        process_ = child_process(command, folder_.path() + "/shell");
    }
    /// Sends a signal; the tool may be gone already.
    void signal(int number) { process_.signal(number); }
    [[nodiscard]] bool running() { return process_.running(); }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }
    tool_answer wait() {
        tool_answer answer;
        answer.exit_code = process_.wait();
        answer.out = text(out());
        answer.err = text(err());
        return answer;
    }

private:
    [[nodiscard]] std::string out() const { return folder_.path() + "/out"; }
    [[nodiscard]] std::string err() const { return folder_.path() + "/err"; }
    static std::string text(const std::string& path) {
        std::ostringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    }

    temporary_folder folder_;
    child_process process_;
};

inline tool_answer run_tool(const std::vector<std::string>& arguments) { return tool_run(arguments).wait(); }

/// Polls until the condition holds; false when it does not within 15 s, which only a broken program or machine needs.
template <class Condition>
bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

} // namespace support

#endif
