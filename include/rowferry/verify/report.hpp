// SPDX-License-Identifier: BSL-1.0
// What is asked of a verification, and what it found.
#ifndef ROWFERRY_VERIFY_REPORT_HPP
#define ROWFERRY_VERIFY_REPORT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/column_choice.hpp>
#include <rowferry/computing_settings.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// What to compare, and what to do about a difference.
struct verify_request {
    std::string table = {};
    std::string target_table = {}; ///< empty: the same name
    /// A row that differs is looked at again so long after it was first seen; what is equal then changes meanwhile.
    std::chrono::milliseconds second_look_after = std::chrono::seconds(1);
    /// Only the rows of either side for which this holds, as `copy_request::where`; other rows are not looked at.
    std::string where = {};
    std::vector<column_pair> columns = {}; ///< compare only these; empty: all stored columns, by their names
    std::size_t listed_keys = 100;         ///< of each kind of difference so many keys are listed; all are counted
    bool repair = false;                   ///< copy the rows again that are missing or changed
    bool delete_extra = false;             ///< with `repair`: delete the rows that only the target has
    /// Compare generated columns too that are computed when they are read; those that are stored always count.
    bool generated = false;
    bool accept_triggers = false; ///< repair although the target's triggers may change rows, or write elsewhere
    strictness computes = strictness::strict; ///< of what the target computes in a repair, as `copy_request::computes`
    /// Whether another server that answers as the source stops a repair: it may hold older rows than those it would replace.
    /// Without a repair, and when this is false, it is a notice.
    bool same_server = true;
    server_identity source_server = {}; ///< who answered as the source before; unknown: the first to answer now
};

/// How a verification ended.
enum class verdict : std::uint8_t {
    equal,      ///< no difference is left
    different,  ///< at least one is
    undecided,  ///< none was found, and something differed at each look, differently each time: another client writes
    stopped,    ///< a failure ended it before the last row
    refused,    ///< the tables cannot be compared, or repaired as asked; nothing was changed
    interrupted ///< a stop was asked for
};

/// "equal", "different", "undecided", "stopped", "refused" or "interrupted"; a literal.
constexpr std::string_view name(verdict v) {
    switch (v) {
    case verdict::equal: return "equal";
    case verdict::different: return "different";
    case verdict::undecided: return "undecided";
    case verdict::stopped: return "stopped";
    case verdict::refused: return "refused";
    case verdict::interrupted: return "interrupted";
    }
    return "stopped";
}

/// Rows of one kind of difference: all counted, and the keys of the first ones.
struct counted_keys {
    std::uint64_t count = 0;
    std::vector<key_values> keys = {};

    void add(const key_values& key, std::size_t most_keys) {
        ++count;
        if (keys.size() < most_keys) keys.push_back(key);
    }
};

/// The result of one table's verification. Holds keys, and no other value of a row.
struct verification {
    std::string table = {};
    rowferry::key_forms key_forms = {}; ///< how keys are shown: `to_string(missing.keys[0], key_forms)`
    rowferry::verdict verdict = rowferry::verdict::stopped;
    std::optional<error> failure = {};    ///< why it ended before the last row
    std::optional<error> unrepaired = {}; ///< the first reason why rows that differ could not be repaired; it went on
    std::uint64_t source_rows = 0;        ///< rows compared
    std::uint64_t target_rows = 0;
    std::uint64_t dropped = 0;       ///< rows of the source that its transformation drops: not among `source_rows`
    std::uint64_t chunks = 0;        ///< ranges of the key compared
    bool named = true;               ///< rows were told apart by a key; else a difference is of the table as a whole
    bool differs_as_a_whole = false; ///< a difference where rows are not named
    counted_keys missing;            ///< the target lacks them
    counted_keys extra;              ///< the source lacks them
    counted_keys changed;            ///< both have them, with different values
    std::uint64_t computed = 0;      ///< of `changed`: only the values of generated columns differ
    /// Ranges that differ, alike at two looks, though no row does by its key: the key is not unique, or does not
    /// find a row.
    std::uint64_t unnamed_ranges = 0;
    counted_keys changed_meanwhile;        ///< different at one look and equal at the last one
    counted_keys undecided;                ///< different at each look, and differently each time
    std::uint64_t undecided_ranges = 0;    ///< the same of ranges in which no row can be named, and of whole tables
    bool changes_meanwhile = false;        ///< something was seen to change, whether or not its key is known
    std::uint64_t repaired = 0;            ///< missing and changed rows that were copied again, and are equal now
    std::uint64_t deleted = 0;             ///< extra rows that were deleted, or that the source has by now
    std::vector<std::string> notices = {}; ///< what an operator should know
    duration elapsed{};
    connection_stats source = {};
    connection_stats target = {};

    [[nodiscard]] bool equal() const { return verdict == rowferry::verdict::equal; }
    /// Differences found, whether they were repaired or not.
    [[nodiscard]] std::uint64_t found() const { return missing.count + extra.count + changed.count; }
    /// Differences that are left.
    [[nodiscard]] std::uint64_t left() const { return found() - repaired - deleted; }
    /// Whether a difference is left that was seen twice.
    [[nodiscard]] bool differs() const { return left() > 0 || unnamed_ranges > 0 || differs_as_a_whole; }
    [[nodiscard]] std::uint64_t retries() const { return source.retry_count() + target.retry_count(); }
};

/// A verification in one line, as "table procnote: different, 1 201 rows compared, 1 missing, 0 extra, 2 changed", and why it
/// ended. Shows no value of a row but what the error shows.
inline std::string to_string(const verification& v) {
    std::string text = "table " + one_line(v.table, shown::name) + ": " + std::string(name(v.verdict)) + ", " +
                       grouped(v.source_rows) + (v.source_rows == 1 ? " row compared" : " rows compared");
    if (v.dropped > 0) text += ", " + grouped(v.dropped) + " dropped";
    if (v.found() > 0) {
        text += ", " + grouped(v.missing.count) + " missing, " + grouped(v.extra.count) + " extra, " +
                grouped(v.changed.count) + " changed";
    }
    if (v.failure) text += ": " + to_string(*v.failure);
    return text;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
