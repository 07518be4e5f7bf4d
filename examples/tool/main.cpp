// SPDX-License-Identifier: BSL-1.0
// The tool `rowferry`: copies MySQL and MariaDB tables, and looks after their checkpoints. See rowferry --help.
#include "checkpoints.hpp"
#include "console.hpp"
#include "document.hpp"
#include "exceptions.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "job.hpp"
#include "options.hpp"
#include "process.hpp"
#include "report_json.hpp"
#include "report_text.hpp"
#include "secrets.hpp"
#include "wording.hpp"

#include <rowferry/text.hpp>

#include <cstdio>
#include <string>

namespace {

void complain(const std::string& sentence) {
    const std::string line = "rowferry: " + rowferry::one_line(sentence) + "\n";
    rowferry::file_sink{stderr}(line);
}

/// What was done before an exception stays in the result, beside the exception.
tool::job_result carry_out(const tool::options& wanted) {
    tool::job_result result;
    try {
        tool::console shown(wanted);
        tool::run_job(wanted, shown, result);
        shown.clear();
    } catch (...) {
        tool::add_failure(result, tool::caught("run"), wanted);
    }
    return result;
}

/// The command `checkpoints`.
int show_checkpoints(const tool::checkpoint_options& wanted, bool as_json) {
    const auto list = tool::look_after_checkpoints(wanted);
    if (!list) complain(tool::sentence(list.error(), tool::options{}));
    if (list) {
        if (list->failure) complain(tool::sentence(*list->failure, tool::options{}));
        for (const std::string& notice : list->notices) complain(notice);
    }
    const std::string text = as_json ? tool::checkpoints_json(list, wanted)
                             : list  ? tool::checkpoints_text(*list, wanted)
                                     : std::string();
    if (!tool::document::print(text)) complain("the list could not be written to standard output");
    return tool::exit_code_of(list);
}

int run(int argc, char** argv) {
    tool::take_passwords(argc, argv);
    const tool::command command = tool::parse_command_line(argc, argv);
    tool::hide_passwords(argc, argv);
    constexpr int failed_to_print = tool::exit_code::stopped;
    if (command.answer) return tool::document::print(*command.answer) ? tool::exit_code::done : failed_to_print;

    if (command.checkpoints) return show_checkpoints(*command.checkpoints, command.json);

    const tool::options wanted = command.options ? *command.options : tool::options{};
    const tool::job_result result = command.options ? carry_out(wanted) : tool::refused_job(command.options.error());
    for (const std::string& sentence : result.sentences) complain(sentence);
    const int code = tool::exit_code_of(result, wanted);
    if (tool::document::print(command.json ? tool::json_report(result, wanted) : tool::text_report(result, wanted)))
        return code;
    complain("the report could not be written to standard output");
    return code == tool::exit_code::done ? failed_to_print : code;
}

} // namespace

int main(int argc, char** argv) {
    tool::protect_memory(); // before a password is read
    tool::occupy_closed_streams();
    tool::document::expect(tool::asks_for_json(argc, argv));
    tool::handle_signals();
    try {
        return run(argc, argv);
    } catch (...) {
        // Where there is not even memory for the error, the same command would meet the same end.
        bool retryable = false;
        try {
            const rowferry::error e = tool::caught("run");
            retryable = rowferry::is_retryable(e);
            tool::document::print_last_resort(retryable);
            complain("stopped: " + tool::sentence(e, tool::options{}) +
                     (retryable ? "; run the same command again to continue" : ""));
        } catch (...) {
            tool::document::print_last_resort(retryable);
            rowferry::file_sink{stderr}("rowferry: stopped: there is not enough memory\n");
        }
        return retryable ? tool::exit_code::stopped : tool::exit_code::needs_person;
    }
}
