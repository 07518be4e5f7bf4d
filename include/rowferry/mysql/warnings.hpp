// SPDX-License-Identifier: BSL-1.0
// The warnings of a statement that wrote rows: each one is an error, but for the duplicates that skip_existing expects and
// for those that are about something else than a row's values.
#ifndef ROWFERRY_MYSQL_WARNINGS_HPP
#define ROWFERRY_MYSQL_WARNINGS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/redact.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/warning_subject.hpp>
#include <rowferry/remedy.hpp>
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
    // Names may hold quotes, so that a longer one may end like the message of a shorter one.
    const std::string ending = std::string(duplicate_marker) + request.key_name;
    const auto& all = request.table->unique_indexes;
    if (std::any_of(all.begin(), all.end(), [&](const unique_index& i) { return i.name.ends_with(ending); }))
        return false;
    const std::string_view key = duplicate_key_name(message);
    return key == request.key_name || key == request.table->name + "." + request.key_name;
}

/// Truncations that a statement must give: those of ENUM's error value.
struct expected_truncations {
    std::vector<std::string> messages = {}; ///< each as it stands
    std::vector<std::string> columns = {};  ///< at any row

    [[nodiscard]] bool has(const warning& w) const {
        constexpr unsigned truncated = 1265;
        if (w.code != truncated) return false;
        if (std::find(messages.begin(), messages.end(), w.message) != messages.end()) return true;
        const auto text = text_before_row(w.message);
        return text && std::any_of(columns.begin(), columns.end(), [&](const std::string& name) {
                   return *text == "Data truncated for column '" + name + "'";
               });
    }
};

/// An error of a statement that wrote rows, with what would let them in where only a computed value stands in the way.
inline error with_remedy(error e, const server_info& info, const write_request& request) {
    const bool computes_only = is_of_computing(info.dialect, request, {false, e.code, e.server_message});
    if (computes_only && !info.computes_leniently) e.remedies.push_back(remedy{remedy::compute_leniently});
    return e;
}

/// Reads the warnings of the statement that just ran. Any that is about a row's values is a `data` error, but for expected
/// duplicates and truncations, and in a lenient session for those about what was computed. Where all that can be read were
/// none, and there are more, the error is `batch_too_large`.
inline result<void> check_warnings(client& c, const server_info& info, const write_request& request,
                                   const expected_truncations& expected, strictness how) {
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
        warning w;
        w.is_note = row.text(0, "level") == "Note";
        w.code = static_cast<unsigned>(row.number(1, "number"));
        w.message = row.text(2, "message");
        if (auto r = row.checked("read warnings"); !r) return r;
        if (is_expected_duplicate(request, w.code, w.message) || expected.has(w)) continue;
        if (subject_of(info.dialect, request, w, how) != warning_subject::value) continue;
        error e;
        e.fault = fault::data;
        e.code = w.code;
        e.operation = "write";
        e.message = (is_json_function_warning(info.dialect, w.code)
                         ? "a CHECK or a generated column gives a warning, and warnings are errors, in table "
                         : "the server would have changed or left out a value of table ") +
                    request.table->name;
        e.server_message = redact(w.code, w.message);
        if (is_of_computing(info.dialect, request, w) && !info.computes_leniently) {
            e.remedies.push_back(remedy{remedy::compute_leniently});
        }
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
/// The same as strictly as the session computes.
inline result<void> check_warnings(client& c, const server_info& info, const write_request& request,
                                   const expected_truncations& expected = {}) {
    return check_warnings(c, info, request, expected,
                          info.computes_leniently ? strictness::lenient : strictness::strict);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
