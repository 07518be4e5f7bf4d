// SPDX-License-Identifier: BSL-1.0
// What a transaction has changed in a table of the double, and the write kinds over it.
#ifndef ROWFERRY_TESTING_ROW_WRITER_HPP
#define ROWFERRY_TESTING_ROW_WRITER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/stored_row.hpp>
#include <rowferry/write_mode.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// Rows that a transaction wrote or deleted, seen by itself only until it commits.
struct table_changes {
    rows_in_order rows;                                         // deleted ones included
    std::vector<std::map<std::string, std::string>> taken = {}; // per unique index: the keys of `rows`
    std::uint64_t bytes = 0;

    [[nodiscard]] bool empty() const { return rows.empty(); }
};

/// Writes rows into a transaction's changes. A statement that fails leaves the changes as they were.
class row_writer {
public:
    /// `others` are the changes that other open transactions hold in this table.
    row_writer(fake_table& table, table_changes& changes, std::vector<const table_changes*> others)
        : table_(table), changes_(changes), others_(std::move(others)) {
        changes_.taken.resize(table_.unique_indexes().size());
    }

    /// Writes one row. `skipped` says that it was there, and left as it was.
    result<void> write(stored_row fresh, const std::vector<std::size_t>& columns, write_kind kind,
                       std::string_view key_name, bool& skipped) {
        skipped = false;
        if (!table_.takes_in_order(fresh)) return out_of_order();
        std::string place = table_.place_of(fresh);
        for (;;) {
            const auto twin = find_twin(fresh, place);
            if (!twin) break;
            switch (kind) {
            case write_kind::insert: return duplicate(*twin->index);
            case write_kind::skip_existing:
                if (!key_name.empty() && !table_schema::same_name(twin->index->name, key_name)) {
                    return duplicate(*twin->index);
                }
                skipped = true;
                return {};
            case write_kind::upsert: return update(twin->place, fresh, columns);
            case write_kind::replace:
                if (auto r = lock(twin->place, nullptr); !r) return r;
                put(twin->place, stored_row{});
                break;
            }
        }
        if (auto r = lock(place, &fresh); !r) return r;
        put(std::move(place), std::move(fresh));
        return {};
    }

    /// Deletes the row at this place.
    void erase(const std::string& place) { put(place, stored_row{}); }

    /// Undoes all that this writer wrote: what a server does with a statement that fails.
    void undo() {
        while (!undo_.empty()) {
            step& last = undo_.back();
            forget(last.place);
            if (last.before) set(std::move(last.place), std::move(*last.before));
            undo_.pop_back();
        }
    }

private:
    struct twin_row {
        const key* index;
        std::string place = {};
    };
    struct step {
        std::string place = {};
        std::optional<stored_row> before = {}; // none when the changes did not hold the row
    };

    static error duplicate(const key& index) {
        return server_error(1062, "23000", "Duplicate entry for key '" + index.name + "'");
    }

    static error out_of_order() {
        error e = server_error(182, "HY000", "Invalid document number");
        e.fault = fault::batch_too_large; // fewer rows may go less far
        return e;
    }

    [[nodiscard]] const stored_row* find(const std::string& place) const {
        if (!changes_.rows.empty() && !(changes_.rows.rbegin()->first < place)) {
            const auto mine = changes_.rows.find(place);
            if (mine != changes_.rows.end()) return mine->second.is_deleted() ? nullptr : &mine->second;
        }
        const rows_in_order& rows = table_.rows();
        if (rows.empty() || rows.rbegin()->first < place) return nullptr;
        const auto there = rows.find(place);
        return there == rows.end() ? nullptr : &there->second;
    }
    [[nodiscard]] std::optional<std::string> find_unique(std::size_t i, const std::string& wanted) const {
        const auto mine = changes_.taken[i].find(wanted);
        if (mine != changes_.taken[i].end()) return mine->second;
        const auto& rows = table_.unique_indexes()[i].rows;
        const auto there = rows.find(wanted);
        if (there == rows.end() || changes_.rows.contains(there->second)) return std::nullopt;
        return there->second;
    }
    /// The row that has a unique key in common, by the first such key: PRIMARY, then the others.
    [[nodiscard]] std::optional<twin_row> find_twin(const stored_row& fresh, const std::string& place) const {
        if (const key* k = table_.clustering_key(); k != nullptr && find(place) != nullptr) return twin_row{k, place};
        for (std::size_t i = 0; i < table_.unique_indexes().size(); ++i) {
            const second_key& index = table_.unique_indexes()[i];
            const auto wanted = table_.unique_key(index, fresh);
            if (!wanted) continue;
            if (auto at = find_unique(i, *wanted)) return twin_row{&index.definition, std::move(*at)};
        }
        return std::nullopt;
    }

    result<void> update(const std::string& old_place, const stored_row& fresh,
                        const std::vector<std::size_t>& columns) {
        const stored_row old = *find(old_place);
        std::vector<bool> given(old.size(), false);
        for (std::size_t column : columns) given[column] = true;
        stored_row merged = table_.computed({old.size(), [&](std::size_t i) { return given[i] ? fresh[i] : old[i]; }});
        std::string place = table_.clustering_key() != nullptr ? table_.place_of(merged) : old_place;
        if (auto r = lock(old_place, nullptr); !r) return r;
        put(old_place, stored_row{});
        if (const auto other = find_twin(merged, place)) return duplicate(*other->index);
        if (auto r = lock(place, &merged); !r) return r;
        put(std::move(place), std::move(merged));
        return {};
    }

    /// Fails when another open transaction has written this row, or a row with one of its unique keys: a real server
    /// would wait, and this one gives up at once.
    [[nodiscard]] result<void> lock(const std::string& place, const stored_row* fresh) const {
        for (const table_changes* other : others_) {
            bool waits = other->rows.contains(place);
            for (std::size_t i = 0; fresh != nullptr && !waits && i < other->taken.size(); ++i) {
                const auto wanted = table_.unique_key(table_.unique_indexes()[i], *fresh);
                waits = wanted && other->taken[i].contains(*wanted);
            }
            if (waits) {
                return server_error(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction");
            }
        }
        return {};
    }

    void put(std::string place, stored_row fresh) {
        std::optional<stored_row> before = forget(place);
        if (!fresh.is_deleted() || table_.rows().contains(place)) set(place, std::move(fresh));
        undo_.push_back({std::move(place), std::move(before)});
    }
    void set(std::string place, stored_row fresh) {
        if (!fresh.is_deleted()) {
            for (std::size_t i = 0; i < changes_.taken.size(); ++i) {
                if (auto k = table_.unique_key(table_.unique_indexes()[i], fresh)) {
                    changes_.taken[i].insert_or_assign(std::move(*k), place);
                }
            }
        }
        changes_.bytes += fresh.bytes();
        changes_.rows.emplace_hint(changes_.rows.end(), std::move(place), std::move(fresh));
    }
    std::optional<stored_row> forget(const std::string& place) {
        if (changes_.rows.empty() || changes_.rows.rbegin()->first < place) return std::nullopt;
        auto node = changes_.rows.extract(place);
        if (node.empty()) return std::nullopt;
        changes_.bytes -= node.mapped().bytes();
        for (std::size_t i = 0; !node.mapped().is_deleted() && i < changes_.taken.size(); ++i) {
            const auto k = table_.unique_key(table_.unique_indexes()[i], node.mapped());
            if (!k) continue;
            const auto at = changes_.taken[i].find(*k);
            if (at != changes_.taken[i].end() && at->second == place) changes_.taken[i].erase(at);
        }
        return std::move(node.mapped());
    }

    fake_table& table_;
    table_changes& changes_;
    std::vector<const table_changes*> others_;
    std::vector<step> undo_;
};

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
