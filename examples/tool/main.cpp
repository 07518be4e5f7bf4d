// SPDX-License-Identifier: BSL-1.0
// The tool `rowferry`: copies MySQL and MariaDB tables, and looks after their checkpoints. See rowferry --help.
#include "checkpoints.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "job.hpp"
#include "options.hpp"
#include "report_json.hpp"
#include "report_text.hpp"
#include "secrets.hpp"

#include <rowferry/text.hpp>

#include <cstdio>
#include <exception>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace {

/// A standard stream that was closed would lend its number to a connection, and the next line on it would go to a server.
/// Opened for reading only, it still refuses what is written to it.
void occupy_closed_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) == -1 && open("/dev/null", O_RDONLY) == -1) return;
    }
}

/// Whether the text reached standard output; a closed pipe or a full disk is no reason to die without a word.
bool print(const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    return std::fflush(stdout) == 0 && written;
}

void complain(const std::string& sentence) {
    const std::string line = "rowferry: " + rowferry::one_line(sentence) + "\n";
    rowferry::file_sink{stderr}(line);
}

tool::job_result carry_out(const tool::options& wanted) {
    tool::console shown(wanted);
    auto result = tool::run_job(wanted, shown);
    shown.clear();
    return result;
}

/// The command `checkpoints`; 1 when the server may answer later, 2 when something else has to be asked for.
int show_checkpoints(const tool::checkpoint_options& wanted, bool as_json) {
    constexpr int may_pass = 1;
    constexpr int refused = 2;
    const auto list = tool::look_after_checkpoints(wanted);
    if (!list) complain(to_string(list.error()));
    const std::string text = as_json ? tool::checkpoints_json(list, wanted)
                             : list  ? tool::checkpoints_text(*list, wanted)
                                     : std::string();
    if (!print(text)) complain("the list could not be written to standard output");
    if (list) return 0;
    return rowferry::is_retryable(list.error().fault) ? may_pass : refused;
}

int run(int argc, char** argv) {
    occupy_closed_streams();
    tool::take_passwords(argc, argv);
    const tool::command command = tool::parse_command_line(argc, argv);
    tool::hide_passwords(argc, argv);
    tool::handle_signals();
    constexpr int failed_to_print = 1;
    if (command.answer) return print(*command.answer) ? 0 : failed_to_print;

    if (command.checkpoints) return show_checkpoints(*command.checkpoints, command.json);

    const tool::options wanted = command.options ? *command.options : tool::options{};
    const tool::job_result result = command.options ? carry_out(wanted) : tool::refused_job(command.options.error());
    for (const std::string& sentence : result.sentences) complain(sentence);
    if (print(command.json ? tool::json_report(result, wanted) : tool::text_report(result, wanted)))
        return result.exit_code();
    complain("the report could not be written to standard output");
    return result.exit_code() == 0 ? failed_to_print : result.exit_code();
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& e) { // out of memory, most likely
        complain(std::string("stopped: ") + e.what() + "; run the same command again to continue");
        return 1;
    }
}
