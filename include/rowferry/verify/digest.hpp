// SPDX-License-Identifier: BSL-1.0
// What verification asks of a connection: digests of rows, computed by the server, and rows found and removed by key.
//
//   ChecksumsRows   ask_checksum, checksum   how many rows lie in a range, and one digest of all of them
//   DigestsRows     digests                  the key and the digest of each row
//   FindsRows       find_rows                the rows that have one of these keys      (repair)
//   RemovesRows     remove_rows              deletes the rows with one of these keys   (repair)
//
// A digest is made from the values in a normal form, so that equal rows have equal digests on every server that a client
// can reach, whatever its product and version; docs/decisions/0007-normal-form-of-a-row.md describes that of the client
// for MySQL and MariaDB.
#ifndef ROWFERRY_VERIFY_DIGEST_HPP
#define ROWFERRY_VERIFY_DIGEST_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// One column that counts in a digest.
struct digested_column {
    std::size_t column = 0; ///< index into table->columns
    bool is_long = false;   ///< it may be large, here or on the other side: it counts by a hash of its own, on both
};

/// Which rows, and which of their values, make up a digest. Columns correspond to the other side's by position.
struct digest_request {
    const table_schema* table = nullptr; ///< outlives the request
    std::vector<digested_column> columns = {};
    std::vector<key_part> order = {}; ///< the key; empty for a table whose rows nothing tells apart
    std::string index = {};           ///< the key's index, to force; else empty
    std::optional<page_bound> after = {};
    std::optional<page_bound> up_to = {};
    std::string filter = {};                ///< only rows for which it holds: see `copy_request::where`; empty is all
    std::vector<std::size_t> nullable = {}; ///< only rows without NULL in these columns,
    bool of_nulls = false;                  ///< or only those with a NULL in at least one of them
    /// Rows are looked for by key in all of the table, at the price of reading it, also where their key does not lead.
    bool anywhere = false;
};

/// How many rows there were, and a digest of them as a set: of 128 bits or more, whatever order the server met them in.
/// Without an order in the request they are a multiset: rows that come twice count twice.
struct rows_checksum {
    std::uint64_t rows = 0;
    std::string digest = {};
    friend bool operator==(const rows_checksum&, const rows_checksum&) = default;
};

/// Some columns of the rows that have one of these keys, as the server compares keys.
struct keyed_rows {
    const table_schema* table = nullptr;   ///< outlives the request
    std::vector<std::size_t> columns = {}; ///< what to read; not used by `remove_rows`
    std::vector<key_part> order = {};      ///< the key
    std::vector<key_values> keys = {};     ///< a value for each part of the key
    std::uint64_t max_bytes = 0;           ///< of `find_rows`, as that of a page_request; 0 is no limit
};

/// `ask_checksum` sends the question and does not wait for the answer, so that both servers can work at the same time;
/// `checksum` waits for it. Nothing else may be asked of the connection in between. Neither locks a row.
template <class C>
concept ChecksumsRows = requires(C& c, const digest_request& request) {
    { c.ask_checksum(request) } -> detail::gives<void>;
    { c.checksum() } -> detail::gives<rows_checksum>;
};

/// `digests` fills the batch with the key and, as the last cell, the digest of each row of the range; of those with
/// one of `keys`, unless there are none.
template <class C>
concept DigestsRows = requires(C& c, const digest_request& request, const std::vector<key_values>& keys,
                               row_batch& into) {
    { c.digests(request, keys, into) } -> detail::gives<void>;
};

/// `find_rows` fills the batch with the columns of the rows that have one of the keys, complete in memory;
/// those past the request's `max_bytes` are dropped and the batch marked truncated, and one always fits. A connection that
/// replaces `read` of a class that it derives from has to replace its `find_rows`, too.
template <class C>
concept FindsRows = !detail::is_found_past_read<C> && requires(C & c, const keyed_rows& request, row_batch& into) {
    { c.find_rows(request, into) } -> detail::gives<void>;
};

/// `remove_rows` deletes the rows that have one of the keys, inside the open transaction, and says how many there were.
template <class C>
concept RemovesRows = requires(C& c, const keyed_rows& request) {
    { c.remove_rows(request) } -> detail::gives<std::uint64_t>;
};

/// A connection that verification can ask.
template <class C>
concept Verifiable = Connection<C> && DescribesTables<C> && ReadsPages<C> && ChecksumsRows<C> && DigestsRows<C>;

namespace detail {

/// Digests of rows that are read and hashed here, of either side, where the source's rows are transformed: its server knows
/// nothing of what they become. verify/client_digest.hpp, which transformed.hpp includes, defines both.
///
/// `rows_read` counts rows as the server has them, the dropped ones among them.
template <class C>
result<rows_checksum> checksum_of_read(C& c, const digest_request& request, std::uint64_t& rows_read);
/// As `digests` of a connection.
template <class C>
result<void> digests_of_read(C& c, const digest_request& request, const std::vector<key_values>& keys, row_batch& into);

/// Whether a target can be repaired from a source.
template <class S, class T>
inline constexpr bool can_repair = FindsRows<S>&& Target<T>&& RemovesRows<T>;
} // namespace detail

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
