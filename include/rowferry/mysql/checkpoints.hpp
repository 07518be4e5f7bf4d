// SPDX-License-Identifier: BSL-1.0
// The checkpoint table in the target's database.
#ifndef ROWFERRY_MYSQL_CHECKPOINTS_HPP
#define ROWFERRY_MYSQL_CHECKPOINTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/saved_key_forms.hpp>
#include <rowferry/mysql/transaction.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/checkpoint.hpp>
#include <rowferry/sql/write.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

inline constexpr unsigned no_such_table = 1146;
inline constexpr unsigned no_such_column = 1054;

/// The error of a statement about the checkpoint table: where that lacks a column, it is another table of its name.
inline error on_store(error e) {
    if (e.code != no_such_column) return e;
    const std::string store(sql::checkpoint_table);
    e.message =
        "the table " + store +
        " in the target's database is not the one that rowferry keeps its checkpoints in: it has other columns. "
        "Rename that table; a copy then creates its own";
    return e;
}

/// The entry in a row of `append_load_checkpoint`, but for its position; what makes no sense in it is remembered.
inline checkpoint checkpoint_in(row_reader& row, std::string job) {
    checkpoint found;
    found.job = std::move(job);
    found.title = row.text(0, "title");
    found.target_table = row.text(1, "target table");
    found.definition = row.text(2, "definition");
    found.run = row.filled(3, "run");
    found.batches = row.number(4, "number of batches");
    found.rows = row.number(5, "number of rows");
    found.complete = row.flag(7, "completeness", "1", "0");
    found.begun_alone = row.flag(8, "beginning", "1", "0");
    return found;
}
/// Reads the last key in such a row, and what was left open before it.
inline void read_position(row_reader& row, checkpoint& into) {
    if (!decode_position(row.text(6, "last key"), into)) row.wrong("last key", "is one that rowferry never writes");
}

inline result<std::optional<checkpoint>> load_checkpoint(client& c, std::string_view job, checkpoint_read how) {
    constexpr std::string_view operation = "load checkpoint";
    std::string statement;
    sql::append_load_checkpoint(statement, job, how);
    auto rows = c.query(operation, statement, columns_only(9, 1));
    if (!rows && rows.error().code == no_such_table) return std::optional<checkpoint>{};
    if (!rows) return on_store(std::move(rows.error()));
    if (rows->empty()) return std::optional<checkpoint>{};
    row_reader row(*rows, 0, "its row");
    checkpoint found = checkpoint_in(row, std::string(job));
    read_position(row, found);
    if (const auto& why = row.trouble()) {
        error e = rowferry::detail::senseless_checkpoint(found, *why);
        e.operation = operation;
        return e;
    }
    return std::optional<checkpoint>(std::move(found));
}

/// All of them: one that cannot be read is in the list too, so that it can be dropped.
inline result<std::vector<listed_checkpoint>> list_checkpoints(client& c) {
    constexpr std::string_view operation = "list checkpoints";
    std::string statement;
    sql::append_list_checkpoints(statement);
    auto rows = c.query(operation, statement, columns_only(11));
    if (!rows && rows.error().code == no_such_table) return std::vector<listed_checkpoint>{};
    if (!rows) return on_store(std::move(rows.error()));
    std::vector<listed_checkpoint> all;
    for (std::size_t i = 0; i < rows->rows(); ++i) {
        row_reader named(*rows, i, "a checkpoint");
        const std::string job = named.filled(9, "job");
        if (auto r = named.checked(operation); !r) return std::move(r.error());
        row_reader row(*rows, i, "job " + job);
        listed_checkpoint each{checkpoint_in(row, job), row.text(10, "time")};
        read_position(row, each.entry);
        each.has_unreadable_key = row.trouble().has_value();
        each.last_key_forms = saved_key_forms(each.entry);
        all.push_back(std::move(each));
    }
    return all;
}

inline result<bool> drop_checkpoint(client& c, std::string_view job) {
    std::string statement;
    sql::append_drop_checkpoint(statement, job);
    auto removed = c.execute("drop checkpoint", statement);
    if (!removed && removed.error().code == no_such_table) return false;
    if (!removed) return on_store(std::move(removed.error()));
    if (auto r = check_committed(c, "drop checkpoint"); !r) return std::move(r.error());
    if (*removed > 1) return c.senseless("drop checkpoint", "it dropped more than one row by a primary key");
    return *removed == 1;
}

/// Holds the lock under which one target table's claims follow each other; frees it at the end, as does a lost connection.
class claim_lock {
public:
    claim_lock(client& c, std::string_view database, std::string_view target_table)
        : client_(c), database_(database), target_table_(target_table) {}
    claim_lock(const claim_lock&) = delete;
    claim_lock& operator=(const claim_lock&) = delete;
    ~claim_lock() {
        if (!held_) return;
        std::string statement;
        sql::append_unlock_claims(statement, database_, target_table_);
        (void)client_.query_value("claim checkpoint", statement);
    }

    result<void> take() {
        constexpr unsigned patience_in_seconds = 30;
        std::string statement;
        sql::append_lock_claims(statement, database_, target_table_, patience_in_seconds);
        auto taken = client_.query_value("claim checkpoint", statement);
        if (!taken) return std::move(taken.error());
        held_ = *taken == value("1");
        if (held_) return {};
        if (*taken && *taken != value("0"))
            return client_.senseless("claim checkpoint", "GET_LOCK gave another number");
        error e;
        e.fault = fault::transient;
        e.operation = "claim checkpoint";
        // NULL is a failure of the server, as when the statement is killed.
        e.message = *taken ? "another run is claiming table " + std::string(target_table_)
                           : "the server could not take the lock for claiming table " + std::string(target_table_) +
                                 " (GET_LOCK gave NULL): see its error log";
        return e;
    }

private:
    client& client_;
    std::string_view database_;
    std::string_view target_table_;
    bool held_ = false;
};

/// Rows and checkpoints have to commit together: refuses a checkpoint table without transactions.
inline result<void> check_engine(client& c) {
    std::string statement;
    sql::append_checkpoint_engine(statement);
    auto engine = c.query_value("claim checkpoint", statement);
    if (!engine) return std::move(engine.error());
    if (!*engine || *engine == value("YES")) return {}; // none: there is no such table yet
    return refusal("the table " + std::string(sql::checkpoint_table) + " uses the engine " + **engine +
                       ", which has no transactions",
                   {remedy{remedy::change_engine}});
}

/// Runs statements one after another, up to the first that fails.
inline result<void> execute_all(client& c, std::string_view operation, std::initializer_list<std::string> statements) {
    for (const std::string& statement : statements) {
        if (auto done = c.execute(operation, statement); !done) return std::move(done.error());
    }
    return {};
}

/// The part of a claim that concerns others. Runs that could still write are stopped before the table is emptied or
/// found empty, and entries are forgotten after: what fails on the way leaves no progress that is not there.
inline result<void> exclude_others(client& c, const checkpoint& entry, const claim& how, std::vector<change>& changes) {
    constexpr std::string_view operation = "claim checkpoint";
    auto text = [](auto append) {
        std::string statement;
        append(statement);
        return statement;
    };
    const auto stop = text([&](std::string& s) { sql::append_stop_others(s, entry); });
    const auto forget = text([&](std::string& s) { sql::append_forget_others(s, entry); });
    if (how.emptying) {
        if (auto stopped = execute_all(c, operation, {stop}); !stopped) return stopped;
        const auto truncate = text([&](std::string& s) { sql::append_truncate(s, entry.target_table); });
        if (auto emptied = execute_all(c, "truncate", {truncate}); !emptied) return emptied;
        note(changes, change{change::emptied_table, entry.target_table});
        claim anew = how;
        anew.keeps_progress = false;
        const auto begin = text([&](std::string& s) { sql::append_claim_checkpoint(s, entry, anew); });
        return execute_all(c, operation, {forget, begin});
    }
    if (!how.alone) return {};
    // Looked for twice: a table that has rows is none of this claim's business, and stopping others may wait until one
    // of them has committed its first.
    const auto any_row = text([&](std::string& s) { sql::append_any_row(s, entry.target_table); });
    for (const std::string& next : {stop, forget}) {
        auto has_rows = c.gives_row("check for rows", any_row);
        if (!has_rows) return std::move(has_rows.error());
        if (*has_rows) return {};
        if (auto r = execute_all(c, operation, {next}); !r) return r;
    }
    return {};
}

/// The steps of a claim; `changes` says what they have changed, also when a later one fails.
inline result<checkpoint> claim_in_steps(client& c, std::string_view database, const checkpoint& entry,
                                         const claim& how, std::vector<change>& changes) {
    claim_lock lock(c, database, entry.target_table);
    if (auto taken = lock.take(); !taken) return std::move(taken.error());
    if (auto r = check_engine(c); !r) return std::move(r.error());
    std::string statement;
    claim first = how;
    first.keeps_progress = how.keeps_progress || how.emptying; // until the table is empty
    sql::append_claim_checkpoint(statement, entry, first);
    auto claimed = c.execute("claim checkpoint", statement);
    // The table is created only when it is missing: CREATE needs a privilege that a resumed copy can do without.
    if (!claimed && claimed.error().code == no_such_table) {
        auto created = c.execute("create checkpoint table", sql::create_checkpoint_table);
        if (!created) return std::move(created.error());
        note(changes, change{change::created_store, std::string(sql::checkpoint_table)});
        claimed = c.execute("claim checkpoint", statement);
    }
    if (!claimed) return on_store(std::move(claimed.error()));
    note(changes, change{change::entered_checkpoint, {}});
    if (auto r = exclude_others(c, entry, how, changes); !r) return std::move(r.error());
    if (auto r = check_committed(c, "claim checkpoint"); !r) return std::move(r.error());
    auto found = load_checkpoint(c, entry.job, checkpoint_read::settled);
    if (!found) return std::move(found.error());
    if (!*found)
        return refusal("the checkpoint that was just claimed is missing (" + entry.title + ")",
                       {remedy{remedy::run_again}});
    return std::move(**found);
}

inline result<checkpoint> claim_checkpoint(client& c, std::string_view database, const checkpoint& entry,
                                           const claim& how) {
    std::vector<change> changes;
    auto claimed = claim_in_steps(c, database, entry, how, changes);
    if (!claimed) claimed.error().changes = std::move(changes);
    return claimed;
}

/// What it means that no entry was advanced. One that still belongs to this run counts other transactions than those that
/// were committed: a COMMIT was answered with OK and not carried out.
inline error explain_unsaved(client& c, const checkpoint& entry) {
    auto found = load_checkpoint(c, entry.job, checkpoint_read::as_it_stands);
    if (!found) return std::move(found.error());
    if (*found && (*found)->run == entry.run) {
        error e = senseless_answer("save checkpoint",
                                   "a COMMIT was answered with OK and not carried out: the checkpoint counts " +
                                       std::to_string((*found)->batches) + " of " +
                                       counted(entry.batches - 1, "transaction") +
                                       ", so fewer rows may have arrived than are reported");
        e.remedies = {{remedy::check_proxy}};
        return e;
    }
    error e = refusal("another run into this table has taken over (" + entry.title +
                      "): this run stops, and what it committed before stays");
    e.cause = cause::taken_over;
    e.operation = "save checkpoint";
    return e;
}

inline result<void> save_checkpoint(client& c, const checkpoint& entry) {
    std::string statement;
    sql::append_save_checkpoint(statement, entry);
    auto changed = c.execute("save checkpoint", statement);
    if (!changed) return std::move(changed.error());
    if (*changed == 1) return {};
    if (*changed > 1) return c.senseless("save checkpoint", "it changed more than one row by a primary key");
    return explain_unsaved(c, entry);
}

inline result<void> forget_by(client& c, std::string_view operation, const std::string& statement) {
    auto removed = c.execute(operation, statement);
    // A table of that name with other columns holds none of ours.
    if (!removed && (removed.error().code == no_such_table || removed.error().code == no_such_column)) return {};
    if (!removed) return std::move(removed.error());
    return check_committed(c, operation);
}
inline result<void> forget_checkpoints(client& c, std::string_view target_table) {
    std::string statement;
    sql::append_forget_checkpoints(statement, target_table);
    return forget_by(c, "forget checkpoints", statement);
}
inline result<void> forget_checkpoint(client& c, const checkpoint& entry) {
    std::string statement;
    sql::append_forget_checkpoint(statement, entry);
    return forget_by(c, "forget checkpoint", statement);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
