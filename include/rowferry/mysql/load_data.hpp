// SPDX-License-Identifier: BSL-1.0
// Rows as a text that the server loads, LOAD DATA LOCAL from memory: about 4 MiB each, and each one's warnings read.
#ifndef ROWFERRY_MYSQL_LOAD_DATA_HPP
#define ROWFERRY_MYSQL_LOAD_DATA_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/changed_rows.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/inserter.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/statement_size.hpp>
#include <rowferry/mysql/transaction.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/mysql/warnings.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/bulk.hpp>
#include <rowferry/write_mode.hpp>

#include <mysql.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// A number of what the server said of its last statement, as "Records: 5  Deleted: 0  Skipped: 0  Warnings: 0".
inline std::optional<std::uint64_t> number_of_statement(const client& c, std::string_view what) {
    const char* info = mysql_info(c.handle());
    if (info == nullptr) return std::nullopt;
    std::string_view text(info);
    const auto at = text.find(what);
    if (at == text.npos) return std::nullopt;
    text.remove_prefix(at + what.size());
    return parse_number<std::uint64_t>(text.substr(0, text.find(' ')));
}

/// Writes one range of rows. Works in a buffer that outlives it, so that copying settles into its memory.
///
/// LOAD DATA LOCAL makes warnings of what would be errors elsewhere, and goes on: a load with any other warning than an
/// expected duplicate is undone, by a savepoint, and its rows go by inserts, which strict mode refuses with its own error
/// and as a whole. Outside a transaction, and in an engine without, nothing can be undone: the first warning is the error.
class loader {
public:
    loader(client& c, const server_info& info, const write_request& request, std::string& buffer)
        : client_(c), info_(info), request_(request), text_(buffer) {
        sql::append_load_data(statement_, request);
    }

    result<write_outcome> write(const row_range& rows) {
        write_outcome outcome;
        for (std::size_t first = 0; first < rows.rows();) {
            const std::size_t end = build(rows, first);
            auto loaded = load(rows.part(first, end - first));
            if (!loaded) return std::move(loaded.error());
            outcome.rows += loaded->rows;
            outcome.skipped += loaded->skipped;
            first = end;
        }
        if (text_.capacity() > 4 * usual_statement) std::string().swap(text_); // one giant row stays no burden
        return outcome;
    }

private:
    /// Builds the text from row `first` on, with as many rows as fit and at least one; gives the row behind its last.
    std::size_t build(const row_range& rows, std::size_t first) {
        text_.clear();
        text_.reserve(usual_statement);
        std::size_t row = first;
        while (row < rows.rows() && (row == first || text_.size() < usual_statement) &&
               (row == first || can_read_warnings(info_, request_, row - first + 1, 0))) {
            sql::append_load_row(text_, request_, rows[row++]);
        }
        return row;
    }

    result<write_outcome> load(const row_range& rows) {
        constexpr std::string_view operation = "write";
        if (auto r = client_.execute(operation, "SAVEPOINT rowferry_load"); !r) return std::move(r.error());
        auto sent = [&] {
            const local_infile::offered text(client_.files(), text_);
            return client_.execute(operation, statement_, text_.size());
        }();
        if (!sent) return std::move(sent.error());
        auto loaded = check(rows.rows(), *sent);
        if (loaded || needs_fresh_connection(loaded.error().fault)) return loaded;
        if (!request_.table->transactional || !in_transaction(client_)) return loaded;
        auto undone = client_.execute(operation, "ROLLBACK TO SAVEPOINT rowferry_load");
        if (!undone) return std::move(undone.error());
        if (loaded.error().fault != fault::data) return loaded;
        return inserter(client_, info_, request_, text_).write(rows);
    }

    result<write_outcome> check(std::size_t rows, std::uint64_t changed) {
        // The question for the warnings takes the place of what the server said.
        const auto records = number_of_statement(client_, "Records: ");
        const auto skipped = number_of_statement(client_, "Skipped: ");
        // A loaded row may have lost a value in an expression of ours: strict, and where anything is lost, by inserts.
        if (auto r = check_warnings(client_, info_, request_, {}, strictness::strict); !r) return std::move(r.error());
        const bool may_skip = request_.kind == write_kind::skip_existing;
        if (records == rows && skipped && (*skipped == 0 || (may_skip && *skipped <= rows))) {
            if (auto r = check_changed(client_, request_, changed, rows); !r) return std::move(r.error());
            return write_outcome{rows, *skipped};
        }
        error e;
        e.operation = "write";
        e.message = "the server loaded " + (records ? std::to_string(*records) : std::string("an unknown number of")) +
                    " rows of " + std::to_string(rows) + " that were sent, and left out " +
                    (skipped ? std::to_string(*skipped) : std::string("an unknown number")) +
                    ": choose another write method";
        return e;
    }

    client& client_;
    const server_info& info_;
    const write_request& request_;
    std::string& text_;
    std::string statement_;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
