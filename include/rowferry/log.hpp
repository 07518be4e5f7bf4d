// SPDX-License-Identifier: BSL-1.0
// Ready observers that write one line per event: text for people, JSON for programs.
//
//   text_log log{stderr};                                   or text_log log{[](std::string_view line) { … }};
//   json_log log{stderr, log_scope::trouble};
//   ferry.copy(source, target, "procnote", log);
//
// A line ends with a line feed and reaches the sink in one call. It holds no row value but keys, and no password. Names and
// messages of a server are shown with every character visible, and cut when they are absurdly long.
#ifndef ROWFERRY_LOG_HPP
#define ROWFERRY_LOG_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/observe.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/text.hpp>
#include <rowferry/verify/report.hpp>

#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Which events are written.
enum class log_scope : std::uint8_t {
    all,    ///< start, finish, replaced connections and ranges compared, besides trouble
    trouble ///< retries, recoveries and notices
};

/// One line of text per event: time, table and side, what happened.
///
/// `Sink` takes a whole line as std::string_view; `Clock` gives the system time. Neither sleeps nor throws.
template <class Sink = file_sink, class Clock = wall_clock>
class text_log {
    static_assert(TextSink<Sink>, "rowferry: a log's sink is a FILE* or takes a std::string_view");

public:
    explicit text_log(Sink sink = {}, log_scope scope = log_scope::all, Clock clock = {})
        : sink_(std::move(sink)), scope_(scope), clock_(std::move(clock)) {}

    void on(const copy_started& e) {
        table_ = e.table;
        if (scope_ != log_scope::all) return;
        std::string line = fmt::format("started, {}", name(e.route));
        if (e.expected_rows) {
            line += fmt::format(", {} to copy", counted(*e.expected_rows, "row", "rows"));
        } else if (e.estimated_rows > 0) {
            line += fmt::format(", the table has about {}", counted(e.estimated_rows, "row", "rows"));
        }
        if (e.resumed_rows > 0) line += fmt::format(", {} copied before", counted(e.resumed_rows, "row", "rows"));
        write({}, line);
    }
    void on(const connected& e) {
        if (scope_ == log_scope::all && e.again) write(name(e.side), "connected again");
    }
    void on(const retry_scheduled& e) {
        std::string why(name(e.error.fault));
        if (e.error.code != 0) why += fmt::format(", errno {}", e.error.code);
        if (!e.error.sqlstate.empty()) why += fmt::format(", SQLSTATE {}", e.error.sqlstate);
        const std::string& words = e.error.server_message.empty() ? e.error.message : e.error.server_message;
        if (!words.empty()) why += ": " + one_line(words, shown::message);
        write(name(e.side), fmt::format("{} failed ({}), attempt {} in {:.2f} s", e.error.operation, why, e.attempt + 1,
                                        to_seconds(e.delay)));
    }
    void on(const recovered& e) {
        write(name(e.side),
              fmt::format("{} succeeded on attempt {}, after {:.2f} s", e.operation, e.attempts, to_seconds(e.outage)));
    }
    void on(const notice& e) { write_line(e.table, {}, e.text); }
    void on(const copy_finished& e) {
        const report& r = e.report;
        if (scope_ == log_scope::all) {
            std::string line =
                fmt::format("{}, {}{} in {:.1f} s, {}, {}", name(r.outcome), counted(r.rows, "row", "rows"),
                            dropped_clause(r), to_seconds(r.elapsed), rate(r.rows_per_second(), "row", "rows"),
                            counted(r.retries(), "retry", "retries"));
            if (r.failure) line += ": " + to_string(*r.failure);
            write_line(r.table, {}, line);
        }
        table_.clear();
    }
    void on(const verification_started& e) {
        table_ = e.table;
        if (scope_ != log_scope::all) return;
        std::string line = "verification started";
        if (e.estimated_rows > 0) {
            line += fmt::format(", the table has about {}", counted(e.estimated_rows, "row", "rows"));
        }
        write({}, line);
    }
    void on(const chunk_compared& e) { // for people only what is worth a look: a copy's batches have no lines either
        if (scope_ != log_scope::all || e.equal) return;
        write_line(e.table, {}, fmt::format("a range of {} differs", counted(e.rows, "row", "rows")));
    }
    void on(const verification_finished& e) {
        const verification& v = e.report;
        if (scope_ == log_scope::all) {
            std::string line = fmt::format("{}, {} compared in {:.1f} s, {}, {}", name(v.verdict),
                                           counted(v.source_rows, "row", "rows"), to_seconds(v.elapsed),
                                           counted(v.left(), "difference", "differences") + " left",
                                           counted(v.retries(), "retry", "retries"));
            if (v.failure) line += ": " + to_string(*v.failure);
            write_line(v.table, {}, line);
        }
        table_.clear();
    }

private:
    void write(std::string_view which, std::string_view text) { write_line(table_, which, text); }
    void write_line(std::string_view table, std::string_view which, std::string_view text) {
        std::string place = one_line(table, shown::name);
        if (!place.empty() && !which.empty()) place += ", ";
        place += which;
        if (!place.empty()) place += ": ";
        sink_(std::string_view(utc_time(clock_()) + " " + one_line(place) + one_line(text) + "\n"));
    }

    Sink sink_;
    log_scope scope_;
    Clock clock_;
    std::string table_; // of the copy or verification that runs
};

/// One JSON object per event, in one line: `time` and `event`, then what the event says. Durations are in seconds.
template <class Sink = file_sink, class Clock = wall_clock>
class json_log {
    static_assert(TextSink<Sink>, "rowferry: a log's sink is a FILE* or takes a std::string_view");

public:
    explicit json_log(Sink sink = {}, log_scope scope = log_scope::all, Clock clock = {})
        : sink_(std::move(sink)), scope_(scope), clock_(std::move(clock)) {}

    void on(const copy_started& e) {
        table_ = e.table;
        if (scope_ != log_scope::all) return;
        begin("copy_started");
        add("table", e.table);
        add("route", name(e.route));
        if (e.expected_rows) add("expected_rows", *e.expected_rows);
        add("estimated_rows", e.estimated_rows);
        add("resumed_rows", e.resumed_rows);
        end();
    }
    void on(const connected& e) {
        if (scope_ != log_scope::all || !e.again) return;
        begin("connected_again");
        add_table();
        add("side", name(e.side));
        end();
    }
    void on(const retry_scheduled& e) {
        begin("retry");
        add_table();
        add("side", name(e.side));
        add("attempt", std::uint64_t{e.attempt});
        add("delay", to_seconds(e.delay));
        add_error(e.error);
        end();
    }
    void on(const recovered& e) {
        begin("recovered");
        add_table();
        add("side", name(e.side));
        add("operation", e.operation);
        add("attempts", std::uint64_t{e.attempts});
        add("outage", to_seconds(e.outage));
        end();
    }
    void on(const notice& e) {
        begin("notice");
        add("table", e.table);
        add("text", e.text);
        end();
    }
    void on(const copy_finished& e) {
        table_.clear();
        if (scope_ != log_scope::all) return;
        const report& r = e.report;
        begin("copy_finished");
        add("table", r.table);
        add("outcome", name(r.outcome));
        add("rows", r.rows);
        if (!r.transformation.empty()) {
            add("transformation", r.transformation);
            add("dropped", r.dropped);
        }
        add("bytes", r.bytes);
        add("batches", r.batches);
        add("seconds", to_seconds(r.elapsed));
        add("rows_per_second", r.rows_per_second());
        add("retries", r.retries());
        if (!r.last_key.empty()) add("last_key", to_string(r.last_key, r.last_key_forms));
        add("consistency", name(r.consistency));
        if (r.snapshot) add("snapshot_taken_at", r.snapshot->taken_at);
        if (r.failure) add_error(*r.failure);
        end();
    }
    void on(const verification_started& e) {
        table_ = e.table;
        if (scope_ != log_scope::all) return;
        begin("verification_started");
        add("table", e.table);
        add("estimated_rows", e.estimated_rows);
        end();
    }
    void on(const chunk_compared& e) {
        if (scope_ != log_scope::all) return;
        begin("chunk_compared");
        add("table", e.table);
        add("rows", e.rows);
        add("total_rows", e.total_rows);
        add_truth("equal", e.equal);
        end();
    }
    void on(const verification_finished& e) {
        table_.clear();
        if (scope_ != log_scope::all) return;
        const verification& v = e.report;
        begin("verification_finished");
        add("table", v.table);
        add("verdict", name(v.verdict));
        add("rows", v.source_rows);
        add("target_rows", v.target_rows);
        add("missing", v.missing.count);
        add("extra", v.extra.count);
        add("changed", v.changed.count);
        add("changed_meanwhile", v.changed_meanwhile.count);
        add("undecided", v.undecided.count);
        add("undecided_ranges", v.undecided_ranges);
        add("unnamed_ranges", v.unnamed_ranges);
        add_truth("rows_are_named", v.named);
        add("repaired", v.repaired);
        add("deleted", v.deleted);
        add("seconds", to_seconds(v.elapsed));
        add("retries", v.retries());
        if (v.failure) add_error(*v.failure);
        end();
    }

private:
    void begin(std::string_view event) {
        line_ = "{\"time\":" + json_string(utc_time(clock_()));
        add("event", event);
    }
    void add(std::string_view key, std::string_view text) {
        line_ += "," + json_string(key) + ":" + json_string(cut(hide_url_passwords(text), shown::sentence));
    }
    void add(std::string_view key, std::uint64_t n) { line_ += "," + json_string(key) + fmt::format(":{}", n); }
    void add(std::string_view key, double n) { line_ += "," + json_string(key) + fmt::format(":{:.3f}", n); }
    void add_truth(std::string_view key, bool is_so) { line_ += "," + json_string(key) + (is_so ? ":true" : ":false"); }
    void add_table() {
        if (!table_.empty()) add("table", table_);
    }
    void add_error(const error& e) {
        add("fault", name(e.fault));
        add("errno", std::uint64_t{e.code});
        add("operation", e.operation);
        for (const auto& [key, text] : {std::pair<const char*, const std::string&>{"sqlstate", e.sqlstate},
                                        {"where", e.where},
                                        {"message", e.message},
                                        {"server_message", e.server_message},
                                        {"given_up", e.given_up}}) {
            if (!text.empty()) add(key, text);
        }
        if (e.cause != cause::unspecified) add("cause", name(e.cause));
        if (!e.remedies.empty()) add_remedies(e.remedies);
    }
    void add_remedies(const std::vector<remedy>& all) {
        std::string names;
        for (const remedy& r : all) names += (names.empty() ? "" : ",") + json_string(name(r.what));
        line_ += ",\"remedies\":[" + names + "]";
    }
    void end() {
        line_ += "}\n";
        sink_(std::string_view(line_));
    }

    Sink sink_;
    log_scope scope_;
    Clock clock_;
    std::string table_; // of the copy or verification that runs
    std::string line_;
};

template <class S>
text_log(S) -> text_log<detail::sink_for<S>>;
template <class S>
text_log(S, log_scope) -> text_log<detail::sink_for<S>>;
template <class S, class C>
text_log(S, log_scope, C) -> text_log<detail::sink_for<S>, C>;
template <class S>
json_log(S) -> json_log<detail::sink_for<S>>;
template <class S>
json_log(S, log_scope) -> json_log<detail::sink_for<S>>;
template <class S, class C>
json_log(S, log_scope, C) -> json_log<detail::sink_for<S>, C>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
