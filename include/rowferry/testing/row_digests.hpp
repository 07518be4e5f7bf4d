// SPDX-License-Identifier: BSL-1.0
// Digests of the double's rows, and rows found and removed by key. Its normal form is the bytes of the values.
#ifndef ROWFERRY_TESTING_ROW_DIGESTS_HPP
#define ROWFERRY_TESTING_ROW_DIGESTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/page_reader.hpp>
#include <rowferry/testing/row_writer.hpp>
#include <rowferry/testing/statement.hpp>
#include <rowferry/testing/stored_row.hpp>
#include <rowferry/verify/digest.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// 32 hex digits: values cannot run into each other, and NULL is not ''.
inline std::string row_digest(const stored_row& r, const std::vector<std::size_t>& columns) {
    std::string text;
    for (std::size_t column : columns) {
        const cell c = r[column];
        text += c.is_null() ? "N" : std::to_string(c.bytes().size()) + ':';
        text += c.bytes();
    }
    return job_id(text);
}

/// Spreads a difference of one bit over all of them (the finaliser of splitmix64), so that XORs and sums do not cancel
/// out what two similar rows have in common.
constexpr std::uint64_t spread(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31U);
}

/// Which of the table's columns count.
inline result<std::vector<std::size_t>> digested_columns(const fake_table& table, const digest_request& request) {
    std::vector<std::size_t> columns;
    for (const digested_column& part : request.columns) columns.push_back(part.column);
    return columns_in(table, *request.table, columns);
}
inline std::vector<std::size_t> columns_of(const std::vector<key_part>& order) {
    std::vector<std::size_t> columns;
    for (const key_part& part : order) columns.push_back(part.column);
    return columns;
}

/// The checksum of the rows between the bounds: XORs of the digests' halves where a key tells rows apart, else sums.
inline result<rows_checksum> checksum_rows(page_reader& reader, const fake_table& table,
                                           const digest_request& request) {
    auto columns = digested_columns(table, request);
    if (!columns) return columns.error();
    if (auto r = reader.select(*request.table, request.order, request.index, request.after, request.up_to); !r) {
        return r.error();
    }
    if (auto r = reader.select_nulls(request); !r) return r.error();
    rows_checksum sum;
    std::uint64_t halves[2]{};
    reader.each(0, [&](const stored_row& r) {
        const std::string digest = row_digest(r, *columns);
        for (std::size_t i = 0; i < 2; ++i) {
            std::uint64_t half = 0;
            std::from_chars(digest.data() + 16 * i, digest.data() + 16 * (i + 1), half, 16);
            half = spread(half);
            halves[i] = request.order.empty() ? halves[i] + half : halves[i] ^ half;
        }
        ++sum.rows;
        return true;
    });
    if (sum.rows > 0) sum.digest = std::to_string(halves[0]) + ' ' + std::to_string(halves[1]);
    return sum;
}

/// Visits the rows that have one of the keys, as the table compares them, each once.
template <class Visit>
result<void> each_keyed(page_reader& reader, const table_schema& requested, const std::vector<key_part>& order,
                        const std::vector<key_values>& keys, Visit visit) {
    std::set<const stored_row*> seen;
    for (const key_values& key : keys) {
        const page_bound at{key, true};
        if (auto r = reader.select(requested, order, {}, at, at); !r) return r;
        reader.each(0, [&](const stored_row& r) {
            if (seen.insert(&r).second) visit(r);
            return true;
        });
    }
    return {};
}

inline result<void> digest_rows(page_reader& reader, const fake_table& table, const digest_request& request,
                                const std::vector<key_values>& keys, row_batch& into) {
    auto columns = digested_columns(table, request);
    if (!columns) return columns.error();
    auto key_columns = columns_in(table, *request.table, columns_of(request.order));
    if (!key_columns) return key_columns.error();
    if (auto r = reader.select_nulls(request); !r) return r;
    into.reset(key_columns->size() + 1);
    auto add = [&](const stored_row& r) {
        for (std::size_t column : *key_columns) into.add(r[column]);
        into.add(cell(row_digest(r, *columns)));
        return true;
    };
    if (!keys.empty()) return each_keyed(reader, *request.table, request.order, keys, add);
    if (auto r = reader.select(*request.table, request.order, request.index, request.after, request.up_to); !r)
        return r;
    reader.each(0, add);
    return {};
}

inline result<void> find_keyed(page_reader& reader, const fake_table& table, const keyed_rows& request,
                               row_batch& into) {
    auto columns = columns_in(table, *request.table, request.columns);
    if (!columns) return columns.error();
    into.reset(columns->size());
    return each_keyed(reader, *request.table, request.order, request.keys, [&](const stored_row& r) {
        if (into.truncated()) return;
        std::uint64_t size = into.bytes();
        for (std::size_t column : *columns) size += r[column].bytes().size();
        if (request.max_bytes != 0 && size > request.max_bytes && !into.empty()) return into.set_truncated();
        for (std::size_t column : *columns) into.add(r[column]);
    });
}

/// Deletes in the open transaction; fails when another one has written such a row.
inline result<std::uint64_t> remove_keyed(fake_schema& db, session& s, page_reader& reader, fake_table& table,
                                          const keyed_rows& request) {
    if (!s.open) return refusal("remove_rows outside a transaction: the server would commit it at once");
    if (auto r = check_writable(db); !r) return r.error();
    std::vector<std::string> places;
    auto r = each_keyed(reader, *request.table, request.order, request.keys,
                        [&](const stored_row& row) { places.push_back(table.place_of(row)); });
    if (!r) return r.error();
    const auto others = db.changes_of_others(&s, request.table->name);
    for (const std::string& place : places) {
        for (const table_changes* other : others) {
            if (other->rows.contains(place)) return lock_wait_timeout();
        }
    }
    table_changes& changes = s.open->tables[request.table->name];
    row_writer writer(table, changes, others);
    for (const std::string& place : places) writer.erase(place);
    return static_cast<std::uint64_t>(places.size());
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
