// SPDX-License-Identifier: BSL-1.0
// Statements of the double that change something: rows, checkpoints, whole tables.
#ifndef ROWFERRY_TESTING_STATEMENT_HPP
#define ROWFERRY_TESTING_STATEMENT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/change.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/testing/page_reader.hpp>
#include <rowferry/testing/row_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

inline error lock_wait_timeout() {
    return server_error(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction");
}

/// Turns the rows of a write into rows of the table: with defaults for the columns that are not written, checked as a
/// server in strict mode checks them.
class row_maker {
public:
    row_maker(fake_table& table, const std::vector<std::size_t>& columns)
        : table_(table), from_(table.schema().columns.size(), absent) {
        for (std::size_t i = 0; i < columns.size(); ++i) from_[columns[i]] = i;
    }

    template <class Cells>
    result<stored_row> make(const Cells& cells) {
        const table_schema& schema = table_.schema();
        std::string number; // keeps an automatic number alive
        for (std::size_t i = 0; i < from_.size(); ++i) {
            if (schema.columns[i].generated) {
                if (from_[i] == absent) continue;
                return refused(3105, i);
            }
            const column_rules& rules = table_.rules()[i];
            if (rules.auto_increment && (from_[i] == absent || cells[from_[i]].is_null())) {
                number = table_.next_number();
            } else if (from_[i] == absent) {
                if (!rules.has_default) return refused(1364, i);
            } else if (const unsigned code = refused_as(schema.columns[i], rules, cells[from_[i]]); code != 0) {
                return refused(code, i);
            } else if (rules.auto_increment) {
                table_.note_number(cells[from_[i]].bytes());
            }
        }
        stored_row fresh(from_.size(), [&](std::size_t i) -> cell {
            const column_rules& rules = table_.rules()[i];
            if (from_[i] != absent && !cells[from_[i]].is_null()) return cells[from_[i]];
            if (rules.auto_increment) return cell(number);
            return from_[i] == absent ? as_cell(rules.default_value) : cell();
        });
        fresh = table_.computed(std::move(fresh));
        if (const check_constraint* broken = table_.broken_check(fresh)) {
            return server_error(4025, "23000", "CONSTRAINT `" + broken->name + "` failed");
        }
        return fresh;
    }

private:
    static constexpr std::size_t absent = ~std::size_t{0};

    [[nodiscard]] error refused(unsigned code, std::size_t column) const {
        const std::string quoted = "'" + table_.schema().columns[column].name + "'";
        switch (code) {
        case 1048: return server_error(code, "23000", "Column " + quoted + " cannot be null");
        case 1264: return server_error(code, "22003", "Out of range value for column " + quoted);
        case 1364: return server_error(code, "HY000", "Field " + quoted + " doesn't have a default value");
        case 1406: return server_error(code, "22001", "Data too long for column " + quoted);
        case 3105:
            return server_error(code, "HY000",
                                "The value specified for generated column " + quoted + " is not allowed");
        default: return server_error(code, "HY000", "Incorrect value for column " + quoted);
        }
    }

    fake_table& table_;
    std::vector<std::size_t> from_; // per column of the table: which cell, if any
};

/// Whether the session may change anything now.
inline result<void> check_writable(const fake_schema& db) {
    if (db.read_only) return make_error(fault::read_only, operation::write);
    return {};
}

/// `Target::write`: rows into the open transaction, or at once into a table without transactions.
inline result<write_outcome> write_rows(fake_schema& db, session& s, const write_request& request,
                                        const row_range& rows) {
    if (!s.open) return refusal("write outside a transaction: the server would commit it at once");
    if (auto r = check_writable(db); !r) return r.error();
    fake_table* table = db.find(request.table->name);
    if (table == nullptr) return no_such_table(db, request.table->name);
    auto columns = columns_in(*table, *request.table, request.columns);
    if (!columns) return columns.error();
    if (columns->size() > rows.columns()) {
        return server_error(1136, "21S01", "Column count doesn't match value count");
    }
    table_changes& changes = s.open->tables[request.table->name];
    row_writer writer(*table, changes, db.changes_of_others(&s, request.table->name));
    row_maker maker(*table, *columns);
    write_outcome wrote;
    auto write_all = [&]() -> result<void> {
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            auto fresh = maker.make(rows[i]);
            if (!fresh) return fresh.error();
            if (db.max_packet_bytes != 0 && fresh->bytes() > db.max_packet_bytes) {
                return make_error(fault::batch_too_large, operation::write);
            }
            bool skipped = false;
            auto put = writer.write(std::move(*fresh), *columns, request.kind, request.key_name, skipped);
            if (!put) return put;
            ++wrote.rows;
            if (skipped) ++wrote.skipped;
        }
        if (db.max_transaction_bytes != 0 && s.open->bytes() > db.max_transaction_bytes) {
            return make_error(fault::batch_too_large, operation::commit);
        }
        return {};
    };
    auto done = write_all();
    if (!table->schema().transactional) {
        table->apply(changes.rows); // what came before a failing row stays
        changes = {};
    } else if (!done) {
        writer.undo();
    }
    if (!done) return done.error();
    return wrote;
}

/// The committed rows of a page of another database on the server, without a byte limit.
inline result<row_batch> read_elsewhere(fake_server& server, std::string_view database, page_request page) {
    page.max_bytes = 0;
    for (const auto& weak : server.schemas) {
        const auto db = weak.lock();
        if (!db || db->name != database) continue;
        fake_table* table = db->find(page.table->name);
        if (table == nullptr) return no_such_table(*db, page.table->name);
        auto meaning = db->find_filter(page.table->name, page.filter);
        if (!meaning) return meaning.error();
        page_reader reader(*table, nullptr);
        reader.set_filter(*meaning);
        row_batch rows;
        if (auto r = read_page(reader, *table, page, rows); !r) return r.error();
        return rows;
    }
    return server_error(1049, "42000", "Unknown database '" + std::string(database) + "'");
}

inline result<void> truncate(fake_schema& db, session& s, const std::string& name) {
    if (s.open) return refusal("truncate inside a transaction: it would commit the open one");
    if (auto r = check_writable(db); !r) return r;
    fake_table* table = db.find(name);
    if (table == nullptr) return no_such_table(db, name);
    if (!db.changes_of_others(&s, name).empty()) return lock_wait_timeout();
    table->clear();
    return {};
}

/// A checkpoint as one session sees it.
inline std::optional<checkpoint> visible_checkpoint(const fake_schema& db, const session& s, std::string_view job) {
    if (s.open) {
        const auto mine = s.open->checkpoints.find(job);
        if (mine != s.open->checkpoints.end()) return mine->second;
    }
    const auto there = db.checkpoints.find(job);
    return there == db.checkpoints.end() ? std::optional<checkpoint>() : there->second;
}

/// Forgets the entries that fill a table and pass the test; waits for transactions that are writing them.
template <class Test>
result<void> forget_those(fake_schema& db, session& s, std::string_view target_table, Test test) {
    std::vector<std::string> jobs;
    for (const auto& [job, entry] : db.checkpoints) {
        if (entry.target_table == target_table) jobs.push_back(job);
    }
    for (const std::string& job : jobs) {
        if (auto r = db.wait_for_checkpoint(&s, job); !r) return r;
        const auto there = db.checkpoints.find(job);
        if (there != db.checkpoints.end() && test(there->second)) db.checkpoints.erase(there);
    }
    return {};
}

inline result<checkpoint> claim(fake_schema& db, session& s, const checkpoint& entry, const rowferry::claim& how) {
    if (s.open) return refusal("claim_checkpoint inside a transaction: creating the store would commit the open one");
    if (auto r = check_writable(db); !r) return r.error();
    if (auto r = db.wait_for_checkpoint(&s, entry.job); !r) return r.error();
    auto is_other = [&](const checkpoint& c) { return c.job != entry.job; };
    if (how.emptying) {
        if (auto r = truncate(db, s, entry.target_table); !r) return r.error();
        if (auto r = forget_those(db, s, entry.target_table, is_other); !r) {
            note(r.error().changes, change{change::emptied_table, entry.target_table});
            return r.error();
        }
    } else if (how.alone) {
        const fake_table* table = db.find(entry.target_table);
        if (table == nullptr) return no_such_table(db, entry.target_table);
        if (table->rows().empty()) {
            // Whoever is about to commit the first rows is waited for, and has filled the table then.
            auto never = [](const checkpoint&) { return false; };
            if (auto r = forget_those(db, s, entry.target_table, never); !r) return r.error();
        }
        if (table->rows().empty()) {
            if (auto r = forget_those(db, s, entry.target_table, is_other); !r) return r.error();
        }
    }
    if (how.emptying || !how.keeps_progress) db.checkpoints.erase(entry.job);
    checkpoint beginning = entry;
    beginning.batches = 0;
    beginning.rows = 0;
    beginning.last_key.clear();
    beginning.gaps.clear();
    beginning.complete = false;
    beginning.begun_alone = how.alone;
    const auto there = db.checkpoints.try_emplace(entry.job, std::move(beginning));
    there.first->second.run = entry.run;
    return there.first->second;
}

inline result<std::optional<checkpoint>> load(fake_schema& db, session& s, std::string_view job, checkpoint_read how) {
    if (how == checkpoint_read::settled) {
        if (auto r = db.wait_for_checkpoint(&s, job); !r) return r.error();
    }
    return visible_checkpoint(db, s, job);
}

inline result<void> save(fake_schema& db, session& s, const checkpoint& entry) {
    if (!s.open) return refusal("save_checkpoint outside a transaction: the rows would be committed without it");
    if (auto r = check_writable(db); !r) return r;
    if (auto r = db.wait_for_checkpoint(&s, entry.job); !r) return r;
    const auto there = visible_checkpoint(db, s, entry.job);
    if (!there) return refusal("there is no checkpoint of this job to advance");
    if (there->run != entry.run) {
        error e = refusal("another run into this table has taken over");
        e.cause = cause::taken_over;
        return e;
    }
    if (there->batches + 1 != entry.batches) {
        return refusal("the checkpoint stands at " + std::to_string(there->batches) +
                       " batches, not at the one before " + std::to_string(entry.batches));
    }
    s.open->checkpoints.insert_or_assign(entry.job, entry);
    return {};
}

/// All entries, by target table and then by title.
inline std::vector<listed_checkpoint> list(const fake_schema& db) {
    std::vector<listed_checkpoint> all;
    for (const auto& [job, entry] : db.checkpoints) all.push_back({entry, {}});
    std::sort(all.begin(), all.end(), [](const listed_checkpoint& a, const listed_checkpoint& b) {
        return std::tie(a.entry.target_table, a.entry.title, a.entry.job) <
               std::tie(b.entry.target_table, b.entry.title, b.entry.job);
    });
    return all;
}

inline result<bool> drop(fake_schema& db, session& s, std::string_view job) {
    if (auto r = check_writable(db); !r) return r.error();
    if (s.open) return refusal("drop_checkpoint inside a transaction");
    if (auto r = db.wait_for_checkpoint(&s, job); !r) return r.error();
    const auto there = db.checkpoints.find(job);
    if (there == db.checkpoints.end()) return false;
    db.checkpoints.erase(there);
    return true;
}

inline result<void> forget(fake_schema& db, session& s, std::string_view target_table) {
    if (auto r = check_writable(db); !r) return r;
    if (s.open) return refusal("forget_checkpoints inside a transaction");
    return forget_those(db, s, target_table, [](const checkpoint&) { return true; });
}

inline result<void> forget(fake_schema& db, session& s, const checkpoint& entry) {
    if (auto r = check_writable(db); !r) return r;
    if (s.open) return refusal("forget_checkpoint inside a transaction");
    if (auto r = db.wait_for_checkpoint(&s, entry.job); !r) return r;
    const auto there = db.checkpoints.find(entry.job);
    if (there != db.checkpoints.end() && there->second.run == entry.run) db.checkpoints.erase(there);
    return {};
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
