// SPDX-License-Identifier: BSL-1.0
// Tables whose rows have to come in the order of a column: InnoDB numbers the documents of a full-text index by the column
// FTS_DOC_ID where the table has one, and takes only numbers that grow (else errno 182).
#ifndef ROWFERRY_MYSQL_DOCUMENT_IDS_HPP
#define ROWFERRY_MYSQL_DOCUMENT_IDS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/answer.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// By how much a document's number may exceed the greatest one. Source: `FTS_DOC_ID_MAX_STEP` of MySQL, which MariaDB does not
/// check (seen: 9.7, 10.11).
constexpr std::uint64_t most_document_step(sql::dialect d) { return d == sql::dialect::mysql ? 65'535 : 0; }

/// The column of a table's document numbers. `indexes` are the rows of `append_describe_indexes`: InnoDB takes the column's name
/// in capitals only.
inline std::optional<growing_column> find_document_ids(const table_schema& table, const answer_rows& indexes,
                                                       sql::dialect d) {
    constexpr std::string_view name = "FTS_DOC_ID";
    const auto id = table.find(name);
    if (!id || table.columns[*id].name != name || !table_schema::same_name(table.engine, "InnoDB")) return {};
    for (std::size_t i = 0; i < indexes.rows(); ++i) {
        if (indexes.at(i, 0).bytes() != table.name || indexes.at(i, 6).bytes() != "FULLTEXT") continue;
        return growing_column{*id, most_document_step(d), std::string(indexes.at(i, 1).bytes())};
    }
    return {};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
