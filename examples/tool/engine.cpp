// SPDX-License-Identifier: BSL-1.0
#include "engine.hpp"

#include "batch_choice.hpp"
#include "interrupt.hpp"
#include "kept_names.hpp"
#include "table_choice.hpp"
#include "watched_connector.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace tool {
namespace {

namespace rf = rowferry;

template <class Pages>
using resilient =
    rf::pipeline<rf::exponential_backoff, rf::token_bucket, chosen_batch, Pages, rf::chosen_write_mode, rf::parallel>;
/// The old replicator's loop: LIMIT … OFFSET …, no second try, nothing to continue from.
using legacy = rf::pipeline<rf::no_retry, rf::token_bucket, chosen_batch, rf::offset_pages, rf::chosen_write_mode,
                            rf::no_checkpoint>;
/// The resilient one, with every row of one moment.
template <class Pages>
using consistent = rf::pipeline<rf::exponential_backoff, rf::token_bucket, chosen_batch, Pages, rf::chosen_write_mode,
                                rf::one_snapshot, rf::overlapped>;
using chosen_pipeline = std::variant<resilient<rf::keyset_pages>, resilient<rf::incremental_pages>, legacy,
                                     consistent<rf::keyset_pages>, consistent<rf::incremental_pages>>;

chosen_batch batch_size(const options& o) {
    chosen_batch batch;
    if (o.batch_rows || o.engine == copy_engine::legacy) {
        batch.fixed.emplace();
        batch.fixed->rows = o.batch_rows.value_or(batch.fixed->rows);
        batch.fixed->bytes = o.batch_bytes.value_or(batch.fixed->bytes);
    }
    batch.adaptive.target_bytes = o.batch_bytes.value_or(batch.adaptive.target_bytes);
    return batch;
}

chosen_pipeline choose_pipeline(const options& o) {
    const rf::token_bucket limit{.rows_per_second = o.rows_per_second, .bytes_per_second = o.bytes_per_second};
    const rf::chosen_write_mode mode{o.write};
    const chosen_batch batch = batch_size(o);
    if (o.engine == copy_engine::legacy) {
        return legacy(rf::no_retry{}, limit, batch, rf::offset_pages{}, mode, rf::no_checkpoint{});
    }
    const rf::parallel jobs{.jobs = o.jobs}; // a single one reads ahead, too
    const rf::overlapped ahead{};
    const rf::one_snapshot moment{.when_lost = o.when_snapshot_lost};
    if (o.mode == copy_mode::incremental) {
        const rf::incremental_pages pages{.column = o.incremental_column, .lag = o.lag, .future = o.future};
        if (o.consistent) return consistent<rf::incremental_pages>(o.retry, limit, batch, pages, mode, moment, ahead);
        return resilient<rf::incremental_pages>(o.retry, limit, batch, pages, mode, jobs);
    }
    if (o.consistent)
        return consistent<rf::keyset_pages>(o.retry, limit, batch, rf::keyset_pages{}, mode, moment, ahead);
    return resilient<rf::keyset_pages>(o.retry, limit, batch, rf::keyset_pages{}, mode, jobs);
}

std::vector<rf::column_pair> columns_of(const options& o) {
    std::vector<rf::column_pair> columns;
    for (const std::string& name : o.columns) columns.push_back({name});
    return columns;
}

/// Whether a first connection that failed is worth no second try: the user has to change something, most likely the URI.
/// Temporary are a full server, one that is starting, and a connection that was killed, in the TLS handshake as well.
bool is_hopeless(const rf::error& e) {
    constexpr std::array<unsigned, 3> wrong_address{2002, 2003, 2005};
    return !rf::is_retryable(e.fault) ||
           std::find(wrong_address.begin(), wrong_address.end(), e.code) != wrong_address.end();
}

} // namespace

struct engine::parts {
    const options& wanted;
    console& shown;
    std::mutex telling{};
    std::vector<std::string> notices{}; ///< of connections, and of tables that are passed over
    watched_connector source = watched(rf::side::source, wanted.source);
    watched_connector target = watched(rf::side::target, wanted.target);
    rf::shared_snapshot<watched_connector> snapshot{source}; // opened when a pipeline first reads from it
    chosen_pipeline pipeline = choose_pipeline(wanted);
    patient_timing timing{shown};
    signal_stop stop{};

    /// Says something that is about no table that is copied.
    void note(const std::string& notice) {
        {
            const std::lock_guard lock(telling);
            notices.push_back(notice);
        }
        shown.on(rf::notice{{}, notice});
    }
    watched_connector watched(rf::side which, const rf::mysql::endpoint& to) {
        return {rf::mysql::connector(to),
                [this, which](const std::string& text) { note(std::string(name(which)) + ": " + text); }};
    }
    [[nodiscard]] rf::copy_request request_for(const std::string& table, bool counts_rows) const {
        return {.table = table,
                .resume = wanted.resume,
                .truncate_target = wanted.truncate_target,
                .accept_triggers = wanted.accept_triggers,
                .computes = wanted.computes,
                .count_rows = counts_rows,
                .one_server = wanted.one_server,
                .where = wanted.where,
                .columns = columns_of(wanted),
                .create_target = wanted.create_target,
                .changes = wanted.changes,
                .keyless = wanted.keyless,
                .way = wanted.way,
                .same_server = wanted.same_server,
                .source_server = source.first_server(),
                .source_name = wanted.source_name,
                .is_carried_out = !wanted.dry_run};
    }
    /// Waits for a server that does not answer yet, as long as the options say and no stop is requested.
    rf::result<rf::mysql::connection> first_connection(rf::side which, const watched_connector& connector) {
        constexpr rf::duration longest_pause = std::chrono::seconds(5);
        const rf::time_point begin = timing.now();
        rf::duration pause = std::chrono::milliseconds(200);
        for (bool is_told = false;; is_told = true) {
            auto connection = connector.connect(rf::wait_limit::of(stop));
            const rf::duration left = wanted.wait_for_servers - (timing.now() - begin);
            const bool may_come = !connection && rf::is_retryable(connection.error().fault);
            if (!may_come || left <= rf::duration::zero() || stop.stop_requested()) return connection;
            if (!is_told) {
                const std::string text =
                    "waiting for the " + std::string(name(which)) + ": " + to_string(connection.error());
                shown.on(rf::notice{{}, text});
            }
            timing.sleep(std::min(pause, left));
            pause = std::min(2 * pause, longest_pause);
        }
    }
    /// What a pipeline reads from: one snapshot for all tables, or connections of its own for each.
    template <class Pipeline>
    auto& source_of(const Pipeline&) {
        if constexpr (Pipeline::takes_snapshot) {
            return snapshot;
        } else {
            return source;
        }
    }
};

engine::engine(const options& wanted, console& shown) : parts_(new parts{wanted, shown}) {}
engine::~engine() = default;

rf::result<void> engine::probe() {
    for (const auto& [which, connector] :
         {std::pair{rf::side::source, &parts_->source}, {rf::side::target, &parts_->target}}) {
        auto connection = parts_->first_connection(which, *connector);
        if (connection || !is_hopeless(connection.error())) continue;
        rf::error e = std::move(connection.error());
        e.where = name(which);
        return e;
    }
    return {};
}

std::vector<std::string> engine::notices() const {
    const std::lock_guard lock(parts_->telling);
    return parts_->notices;
}

rf::result<std::vector<std::string>> engine::tables() {
    if (!parts_->wanted.tables.empty()) return parts_->wanted.tables;
    rf::environment surroundings(parts_->timing, parts_->stop, parts_->shown);
    auto source = rf::make_connection_manager(rf::side::source, parts_->source, surroundings, parts_->wanted.retry);
    const std::vector<std::string>& exclude = parts_->wanted.exclude;
    std::vector<std::string> kept; // the patterns and then the names, as the source compares them
    auto listed = source.run("list tables", [&](rf::mysql::connection& c) -> rf::result<rf::table_listing> {
        auto all = c.list_tables();
        if (!all || exclude.empty()) return all;
        std::vector<std::string> names = exclude;
        for (const rf::listed_table& table : all->tables) names.push_back(table.name);
        auto compared = names_kept_by(c, names);
        if (!compared) return std::move(compared.error());
        kept = std::move(*compared);
        return all;
    });
    if (!listed) {
        listed.error().where = "source " + parts_->source.identity();
        return std::move(listed.error());
    }
    if (!listed->may_hide.empty()) {
        parts_->note("source: there may be more tables than are listed: " + listed->may_hide +
                     "; grant SELECT on the database to be sure");
    }
    table_choice chosen(exclude, {kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(exclude.size())});
    for (std::size_t i = 0; i < listed->tables.size(); ++i) {
        const rf::listed_table& table = listed->tables[i];
        if (!exclude.empty() && chosen.excludes(kept[exclude.size() + i])) continue;
        if (rf::detail::is_trial_name(table.name)) {
            parts_->note("table " + table.name +
                         " is passed over: an earlier run created it to try a definition; drop it");
        } else if (table.rows == rf::row_home::own) {
            chosen.add(table.name);
        } else {
            parts_->note("table " + table.name + " is passed over: it uses the engine " + table.engine +
                         std::string(home_clause(table.rows)));
        }
    }
    for (const std::string& pattern : chosen.unused()) parts_->note("--exclude " + pattern + " matches no table");
    if (chosen.names().empty()) {
        const bool had_some = !listed->tables.empty();
        return rf::refusal("the source " + parts_->source.identity() + " has no tables" +
                           (had_some ? " but those that are passed over or excluded" : ""));
    }
    return chosen.names();
}

void engine::note(const std::string& notice) { parts_->note(notice); }

rf::result<void> engine::check_names(const std::vector<std::string>& tables) {
    if (tables.size() < 2) return {};
    rf::environment surroundings(parts_->timing, parts_->stop, parts_->shown);
    auto target = rf::make_connection_manager(rf::side::target, parts_->target, surroundings, parts_->wanted.retry);
    auto kept = target.run("compare names", [&](rf::mysql::connection& c) { return names_kept_by(c, tables); });
    if (!kept) {
        kept.error().where = "target " + parts_->target.identity();
        return std::move(kept.error());
    }
    std::unordered_map<std::string_view, std::size_t> first_with; // a hostile source may list a great many names
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const std::size_t other = first_with.try_emplace((*kept)[i], i).first->second;
        if (tables[other] == tables[i]) continue;
        return rf::refusal("the tables " + tables[other] + " and " + tables[i] +
                           " would go into one table of the target " + parts_->target.identity() +
                           ", whose lower_case_table_names does not tell them apart: copy one of them, or choose "
                           "another target");
    }
    return {};
}

rf::result<rf::copy_plan> engine::plan(const std::string& table, retry_counter& retries) {
    const rf::copy_request request = parts_->request_for(table, parts_->wanted.dry_run);
    return std::visit(
        [&](const auto& ferry) {
            return ferry.plan(parts_->source_of(ferry), parts_->target, request, parts_->timing, parts_->stop,
                              parts_->shown, retries);
        },
        parts_->pipeline);
}

rf::report engine::copy(const std::string& table) {
    const rf::copy_request request = parts_->request_for(table, parts_->shown.shows_progress());
    return std::visit(
        [&](const auto& ferry) {
            return ferry.copy(parts_->source_of(ferry), parts_->target, request, parts_->timing, parts_->stop,
                              parts_->shown);
        },
        parts_->pipeline);
}

rf::verification engine::verify(const std::string& table) {
    const options& o = parts_->wanted;
    const rf::token_bucket limit{.rows_per_second = o.rows_per_second, .bytes_per_second = o.bytes_per_second};
    const rf::verify_request request{.table = table,
                                     .second_look_after = o.second_look,
                                     .where = o.where,
                                     .columns = columns_of(o),
                                     .repair = o.repair,
                                     .delete_extra = o.delete_extra,
                                     .generated = o.generated,
                                     .accept_triggers = o.accept_triggers,
                                     .computes = o.computes,
                                     .same_server = o.same_server,
                                     .source_server = parts_->source.first_server()};
    return rf::verifier{o.retry, limit}.verify(parts_->source, parts_->target, request, parts_->timing, parts_->stop,
                                               parts_->shown);
}

} // namespace tool
