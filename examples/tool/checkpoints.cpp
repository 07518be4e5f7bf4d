// SPDX-License-Identifier: BSL-1.0
#include "checkpoints.hpp"

#include "interrupt.hpp"
#include "json_parts.hpp"
#include "kept_names.hpp"
#include "options.hpp"
#include "wording.hpp"

#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql.hpp>
#include <rowferry/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;
using entries = std::vector<rf::listed_checkpoint>;

rf::error on_target(rf::error e, const checkpoint_options& wanted) {
    if (e.where.empty()) e.where = "target " + rf::mysql::identity(wanted.target);
    return e;
}

/// Takes out the entries of other tables than those named, as the server compares names.
rf::result<void> keep_named(rf::mysql::connection& c, entries& all, const std::vector<std::string>& tables) {
    if (tables.empty()) return {};
    std::vector<std::string> names = tables;
    for (const rf::listed_checkpoint& each : all) names.push_back(each.entry.target_table);
    auto kept = names_kept_by(c, names);
    if (!kept) return std::move(kept.error());
    const auto named_end = kept->begin() + static_cast<std::ptrdiff_t>(tables.size());
    entries left;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool is_named = std::find(kept->begin(), named_end, (*kept)[tables.size() + i]) != named_end;
        if (is_named) left.push_back(std::move(all[i]));
    }
    all = std::move(left);
    return {};
}

/// Which of the entries are to be dropped, one flag for each.
rf::result<std::vector<bool>> choose(const entries& all, const checkpoint_options& wanted) {
    std::vector<bool> chosen(all.size(), wanted.drop_all);
    for (const std::string& job : wanted.drop) {
        std::optional<std::size_t> found;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!all[i].entry.job.starts_with(job)) continue;
            if (found) return rf::refusal("--drop " + job + " fits several jobs: give more digits of its name");
            found = i;
        }
        if (!found)
            return rf::refusal("--drop " + job + " fits no job: rowferry checkpoints lists those that there are");
        chosen[*found] = true;
    }
    return chosen;
}

/// Never a row's contents but its key, as in reports and errors.
json to_json(const rf::listed_checkpoint& c) {
    json j;
    j["job"] = c.entry.job;
    j["table"] = rf::hide_url_passwords(c.entry.target_table);
    j["copy"] = rf::hide_url_passwords(c.entry.title);
    j["definition"] = rf::hide_url_passwords(c.entry.definition);
    j["rows"] = c.entry.rows;
    j["batches"] = c.entry.batches;
    j["last_key"] = c.has_unreadable_key ? json(nullptr) : tool::to_json(c.entry.last_key, c.last_key_forms);
    j["open_ranges"] = c.entry.gaps.size();
    j["complete"] = c.entry.complete;
    j["updated_at"] = c.updated_at;
    return j;
}

std::string to_text(const rf::listed_checkpoint& c, bool is_dropped) {
    const rf::checkpoint& entry = c.entry;
    std::string text =
        fmt::format("table {}: {} in {}, {}{}\n", rf::one_line(entry.target_table, rf::shown::name),
                    rf::counted(entry.rows, "row", "rows"), rf::counted(entry.batches, "batch", "batches"),
                    entry.complete ? "complete" : "not complete", is_dropped ? "; forgotten" : "");
    text += fmt::format("  job         {}\n  copy        {}\n", rf::one_line(entry.job, rf::shown::name),
                        rf::one_line(entry.title, rf::shown::message));
    if (!entry.gaps.empty())
        text += fmt::format("  open        {} before the last key, of jobs that ran side by side\n",
                            rf::counted(entry.gaps.size(), "range", "ranges"));
    if (!entry.last_key.empty())
        text += fmt::format("  last key    {}\n", rf::to_string(entry.last_key, c.last_key_forms));
    if (c.has_unreadable_key)
        text += "  last key    cannot be read: nothing that rowferry writes; the copy can only start over\n";
    return text + fmt::format("  updated     {} UTC\n", rf::one_line(c.updated_at, rf::shown::name));
}

} // namespace

rf::result<checkpoint_list> look_after_checkpoints(const checkpoint_options& wanted) {
    const signal_stop stop;
    auto connection = rf::mysql::connector(wanted.target).connect(rf::wait_limit::of(stop));
    if (!connection) return on_target(connection.error(), wanted);
    auto all = connection->list_checkpoints();
    if (!all) {
        connection->hide_secrets(all.error());
        return on_target(all.error(), wanted);
    }
    if (auto named = keep_named(*connection, *all, wanted.tables); !named) {
        connection->hide_secrets(named.error());
        return on_target(named.error(), wanted);
    }
    auto chosen = choose(*all, wanted);
    if (!chosen) return on_target(chosen.error(), wanted);
    checkpoint_list list;
    for (const std::string& text : connection->info().notices) list.notices.push_back("target: " + text);
    for (std::size_t i = 0; i < all->size(); ++i) {
        rf::listed_checkpoint& each = (*all)[i];
        if (!(*chosen)[i] || list.failure) {
            list.kept.push_back(std::move(each));
            continue;
        }
        auto dropped = connection->drop_checkpoint(each.entry.job);
        if (!dropped) {
            connection->hide_secrets(dropped.error());
            if (list.dropped.empty()) return on_target(dropped.error(), wanted);
            list.failure = on_target(dropped.error(), wanted);
            list.kept.push_back(std::move(each));
            continue;
        }
        list.dropped.push_back(std::move(each));
    }
    return list;
}

std::string checkpoints_text(const checkpoint_list& list, const checkpoint_options& wanted) {
    std::string text;
    for (const auto& each : list.kept) text += to_text(each, false);
    for (const auto& each : list.dropped) text += to_text(each, true);
    text += fmt::format("{} in {}", rf::counted(list.kept.size(), "checkpoint", "checkpoints"),
                        rf::one_line(rf::mysql::identity(wanted.target), rf::shown::message));
    if (list.dropped.empty()) return text + (wanted.drop_all ? ", and so nothing to forget\n" : "\n");
    return text + fmt::format(", {} forgotten: the rows stay; a run that is still under way stops at its next batch, "
                              "and the next copy by insert needs an empty table\n",
                              list.dropped.size());
}

std::string checkpoints_json(const rf::result<checkpoint_list>& list, const checkpoint_options& wanted) {
    json document;
    if (list) {
        document["checkpoints"] = json::array();
        for (const auto& each : list->kept) document["checkpoints"].push_back(to_json(each));
        document["dropped"] = json::array();
        for (const auto& each : list->dropped) document["dropped"].push_back(to_json(each));
        document["notices"] = without_passwords(list->notices);
    }
    const rf::error* const failure = list ? (list->failure ? &*list->failure : nullptr) : &list.error();
    if (failure != nullptr) {
        document["error"] = {{"message", sentence(*failure, options{})}, {"retryable", rf::is_retryable(*failure)}};
    }
    if (!wanted.target.database.empty()) document["target"] = rf::mysql::identity(wanted.target);
    return printed(std::move(document));
}

} // namespace tool
