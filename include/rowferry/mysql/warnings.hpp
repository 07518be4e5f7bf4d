// SPDX-License-Identifier: BSL-1.0
// The warnings of a statement that wrote rows: each one is an error, but for the duplicates that skip_existing expects.
#ifndef ROWFERRY_MYSQL_WARNINGS_HPP
#define ROWFERRY_MYSQL_WARNINGS_HPP

#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/redact.hpp>
#include <rowferry/result.hpp>
#include <rowferry/write_mode.hpp>

#include <mysql.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The protocol counts warnings up to here; the session's max_error_count says how many of them are kept.
inline constexpr unsigned most_warnings = 65'535;

/// Whether a warning says only that a row's key is there already: `PRIMARY` on MariaDB, `table.PRIMARY` on MySQL.
inline bool is_expected_duplicate(const write_request& request, unsigned code, std::string_view message) {
    if (request.kind != write_kind::skip_existing || code != 1062 || request.key_name.empty()) return false;
    const std::string_view key = duplicate_key_name(message);
    return key == request.key_name || key == request.table->name + "." + request.key_name;
}

/// Whether a warning is a JSON function's, which only a CHECK or a generated column calls here, and so no column's own:
/// ER_JSON_BAD_CHR to ER_JSON_PATH_ARRAY of MariaDB's mysqld_error.h. MySQL's are errors with other numbers.
inline constexpr bool is_json_function_warning(unsigned code) { return code >= 4035 && code <= 4045; }

/// Reads the warnings of the statement that just ran. Any is a `data` error, but for expected duplicates and for
/// truncations (1265) whose message is in `expected`. Where all that can be read were expected, and there are more, the
/// error is `batch_too_large`.
inline result<void> check_warnings(client& c, const write_request& request,
                                   const std::vector<std::string>& expected = {}) {
    constexpr unsigned truncated = 1265;
    const unsigned count = mysql_warning_count(c.handle());
    if (count == 0) return {};
    auto warnings = c.show_warnings("read warnings");
    if (!warnings) return std::move(warnings.error());
    if (warnings->empty()) {
        error e;
        e.fault = fault::data;
        e.operation = "write";
        e.message = "the server announced warnings and did not show any, so that nothing is known of the rows: its "
                    "max_error_count has to be more than 0";
        return e;
    }
    for (std::size_t i = 0; i < warnings->rows(); ++i) {
        row_reader row(*warnings, i, "a warning");
        const auto code = static_cast<unsigned>(row.number(1, "number"));
        const std::string message = row.text(2, "message");
        if (auto r = row.checked("read warnings"); !r) return r;
        if (is_expected_duplicate(request, code, message)) continue;
        if (code == truncated && std::find(expected.begin(), expected.end(), message) != expected.end()) continue;
        error e;
        e.fault = fault::data;
        e.code = code;
        e.operation = "write";
        e.message = (is_json_function_warning(code)
                         ? "a CHECK or a generated column gives a warning, and warnings are errors, in table "
                         : "the server would have changed or left out a value of table ") +
                    request.table->name;
        e.server_message = redact(code, message);
        return e;
    }
    if (count >= most_warnings || warnings->rows() < count) {
        error e;
        e.fault = fault::batch_too_large;
        e.operation = "write";
        e.message =
            "the server gave more warnings than it keeps, so that they cannot all be read: a smaller batch is needed";
        return e;
    }
    return {};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
