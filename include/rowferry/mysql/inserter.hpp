// SPDX-License-Identifier: BSL-1.0
// Rows as multi-row inserts: sized to the server's limit, and each one's warnings read.
#ifndef ROWFERRY_MYSQL_INSERTER_HPP
#define ROWFERRY_MYSQL_INSERTER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/changed_rows.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/statement_size.hpp>
#include <rowferry/mysql/strictness.hpp>
#include <rowferry/mysql/warnings.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/sql/write.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Writes one range of rows. Works in a buffer that outlives it, so that copying settles into its memory.
class inserter {
public:
    inserter(client& c, const server_info& info, const write_request& request, std::string& buffer)
        : client_(c), info_(info), request_(request), statement_(buffer) {
        sql::append_insert_tail(tail_, info.dialect, request);
        for (std::size_t i = 0; i < request.columns.size(); ++i) {
            if (request.table->columns[request.columns[i]].kind == column_kind::enumeration) enums_.push_back(i);
        }
    }

    result<write_outcome> write(const row_range& rows) {
        write_outcome outcome;
        for (std::size_t first = 0; first < rows.rows();) {
            const std::size_t end = build(rows, first);
            if (statement_.size() > packet_limit(info_)) return row_too_large(info_, statement_.size());
            auto changed = send();
            if (!changed) return std::move(changed.error());
            const std::uint64_t sent = end - first;
            if (auto r = check_changed(client_, request_, *changed, sent); !r) return std::move(r.error());
            outcome.rows += sent;
            if (request_.kind == write_kind::skip_existing) outcome.skipped += sent - *changed;
            first = end;
        }
        if (statement_.capacity() > 4 * usual_statement)
            std::string().swap(statement_); // one giant row stays no burden
        return outcome;
    }

private:
    /// Whether a statement of so many rows can take one more.
    [[nodiscard]] bool has_room(std::size_t rows) const {
        return rows == 0 ||
               can_read_warnings(info_, request_, rows + 1, 2 * (expected_.messages.size() + enums_.size()));
    }

    /// Builds the statement from row `first` on, with as many rows as fit and at least one; gives the row behind its
    /// last.
    std::size_t build(const row_range& rows, std::size_t first) {
        const std::size_t limit = std::min(packet_limit(info_), usual_statement);
        const connection_escape escape{client_.handle()};
        expected_.messages.clear();
        statement_.clear();
        statement_.reserve(limit);
        sql::append_insert_head(statement_, request_);
        std::size_t row = first;
        for (; row < rows.rows() && has_room(row - first); ++row) {
            const std::size_t before = statement_.size();
            if (row > first) statement_ += ',';
            sql::append_row(statement_, request_, rows[row], escape);
            if (row > first && statement_.size() + tail_.size() > limit) {
                statement_.resize(before); // it goes into the next statement
                break;
            }
            if (!enums_.empty()) expect_warnings(rows[row], row - first + 1);
        }
        statement_ += tail_;
        return row;
    }

    /// ENUM's error value is stored only outside strict mode, and with a warning, or two of an upsert.
    void expect_warnings(const row_view& row, std::size_t number) {
        for (std::size_t i : enums_) {
            const column& c = request_.table->columns[request_.columns[i]];
            if (!sql::is_enum_error(c, row[i])) continue;
            expected_.messages.push_back("Data truncated for column '" + c.name + "' at row " + std::to_string(number));
        }
    }

    /// Runs the statement and checks its warnings; gives the rows that it changed.
    result<std::uint64_t> send() {
        const bool leniently = info_.computes_leniently || !expected_.messages.empty();
        return in_mode(client_, info_, "write", leniently, [&]() -> result<std::uint64_t> {
            auto changed = client_.execute("write", statement_);
            if (!changed) return with_remedy(std::move(changed.error()), info_, request_);
            if (auto r = check_warnings(client_, info_, request_, expected_); !r) return std::move(r.error());
            return changed;
        });
    }

    client& client_;
    const server_info& info_;
    const write_request& request_;
    std::string& statement_;
    std::string tail_;
    std::vector<std::size_t> enums_; // the cells that are ENUMs
    expected_truncations expected_;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
