// SPDX-License-Identifier: BSL-1.0
// The library, as the tool uses it: a few pipelines, composed at compile time, of which the options choose one.
#pragma once

#include "console.hpp"
#include "options.hpp"
#include "retry_counter.hpp"

#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/verify/report.hpp>

#include <memory>
#include <string>
#include <vector>

namespace tool {

/// Plans and copies tables as the options say. The options and the console outlive it.
class engine {
public:
    engine(const options& wanted, console& shown);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    /// Connects once to each side. An error says what to check; a failure that may pass by itself is none, because it is met
    /// by the retries later.
    rowferry::result<void> probe();
    /// What an operator should know of the connections that were made so far, and of tables that are passed over.
    [[nodiscard]] std::vector<std::string> notices() const;
    /// Says something that is about no table that is copied, in the log and in `notices`.
    void note(const std::string& notice);
    /// The tables to copy: those that were named, or all of the source's that hold their rows and are not excluded.
    rowferry::result<std::vector<std::string>> tables();
    /// Refuses tables that the target would take for one: its names may not tell capital letters from small ones.
    rowferry::result<void> check_names(const std::vector<std::string>& tables);
    /// What copying a table would do, or why it is refused; changes nothing.
    rowferry::result<rowferry::copy_plan> plan(const std::string& table, retry_counter& retries);
    rowferry::report copy(const std::string& table);
    /// Compares a table with its source, and repairs it if that was asked for.
    rowferry::verification verify(const std::string& table);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace tool
