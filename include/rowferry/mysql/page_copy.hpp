// SPDX-License-Identifier: BSL-1.0
// A page copied by one statement inside the server: its counts and warnings checked.
#ifndef ROWFERRY_MYSQL_PAGE_COPY_HPP
#define ROWFERRY_MYSQL_PAGE_COPY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/mysql/changed_rows.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/load_data.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/strictness.hpp>
#include <rowferry/mysql/warnings.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/type_rules.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// ENUMs that go by their positions. The error value is 0 then, which strict mode refuses, and which gives a warning; a
/// position that both columns have gives none.
inline expected_truncations positions_of(const write_request& request) {
    expected_truncations expected;
    for (const std::size_t i : request.columns) {
        const column& c = request.table->columns[i];
        if (c.kind == column_kind::enumeration && sql::travels_as_position(c)) expected.columns.push_back(c.name);
    }
    return expected;
}

/// Runs the statement of `append_page_copy`.
inline result<write_outcome> copy_page(client& c, const server_info& info, std::string_view statement,
                                       std::uint64_t max_rows, const write_request& request) {
    constexpr std::string_view operation = "copy page";
    const expected_truncations expected = positions_of(request);
    const bool leniently = info.computes_leniently || !expected.columns.empty();
    return in_mode(c, info, operation, leniently, [&]() -> result<write_outcome> {
        auto changed = c.execute(operation, statement);
        if (!changed) return with_remedy(std::move(changed.error()), info, request);
        const auto records = number_of_statement(c, "Records: ");
        if (!records || (max_rows != 0 && *records > max_rows)) {
            return c.senseless(operation, "it does not say how many rows it copied, or says more than were asked for");
        }
        if (auto r = check_changed(c, request, *changed, *records); !r) return std::move(r.error());
        if (auto r = check_warnings(c, info, request, expected); !r) return std::move(r.error());
        write_outcome outcome;
        outcome.rows = *records;
        if (request.kind == write_kind::skip_existing) outcome.skipped = *records - *changed;
        return outcome;
    });
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
