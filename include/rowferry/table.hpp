// SPDX-License-Identifier: BSL-1.0
// Names, columns and keys: what a table looks like, as its server describes it.
#ifndef ROWFERRY_TABLE_HPP
#define ROWFERRY_TABLE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// How a column's values travel: what decides the way they are read, written and used as a page bound.
enum class column_kind : std::uint8_t {
    integer,     ///< TINYINT … BIGINT, and YEAR
    decimal,     ///< DECIMAL
    real32,      ///< FLOAT: read as DOUBLE, so that no bit is lost
    real64,      ///< DOUBLE
    bit,         ///< BIT(n): bytes, most significant first
    text,        ///< CHAR, VARCHAR, TEXT: bytes in the column's own charset
    bytes,       ///< BINARY, VARBINARY, BLOB
    temporal,    ///< DATE, TIME, DATETIME, TIMESTAMP, as text in UTC
    enumeration, ///< ENUM
    set,         ///< SET
    json,        ///< JSON as a type of its own (MySQL; MariaDB's is text)
    geometry,    ///< any spatial type: SRID and WKB, as stored
    other        ///< anything else, as quoted text
};

/// When the value of a generated column is computed, and from what.
enum class computation : std::uint8_t {
    unknown,  ///< not generated, or its server does not say
    on_write, ///< from its row, when that is written, and stored
    on_read,  ///< from its row, each time that it is read
    by_time,  ///< from the time at which the row was written: the start and the end of a version
    /// From its row, each time that it is read, and perhaps from settings of the session that reads it, as its time zone.
    by_session
};

/// Text of a charset as UTF-8, for people and reports; none for bytes that the text would not give back exactly.
using text_decoder = std::optional<std::string> (*)(std::string_view bytes, std::string_view charset);

/// One column, as its server describes it.
struct column {
    std::string name = {};
    column_kind kind = column_kind::other;
    std::string type = {};      ///< the full type as the server spells it, as "bigint(20) unsigned"
    std::string charset = {};   ///< of text columns, else empty
    std::string collation = {}; ///< of text columns, else empty
    bool is_unsigned = false;
    bool nullable = true;
    bool generated = false; ///< computed by the server: never written, and read only where it orders pages
    bool invisible = false;
    std::string expression = {}; ///< of generated columns, as the server spells it; else empty
    /// Of generated columns: the expression has a quotient, of which servers keep different digits
    bool divides = false;
    bool shows_two_digits = false; ///< of years: text gives the last two digits only
    bool has_default = false;      ///< a new row may leave it out: it has a default, may be NULL, or is numbered
    /// Of ENUM and SET in the column's own charset, where that is not UTF-8; else empty, and `type` names them.
    std::vector<std::string> members = {};
    computation computed = computation::unknown; ///< of generated columns
    /// Of generated columns: the value may depend on settings of the session that computes it. One that is stored is then as
    /// the session that wrote the row computed it.
    bool differs_by_session = false;
    bool set_on_update = false; ///< an update that changes the row and does not name the column sets it, as to the time
    /// Of ENUM and SET: the server takes some members for the same text, so that text does not tell which one is there.
    bool has_alike_members = false;
    /// The key that the server has given a table without one: it numbers rows by itself, and no definition names it.
    bool numbers_rows = false;
    /// Of text in `charset`; none: it is UTF-8. Keys are shown by it, and a transformation's text is checked by it.
    text_decoder decode = nullptr;
};

/// Why pages cannot go by a column that the server computes, as a clause; empty when they can. An index over a value that
/// depends on a session holds what another session has computed.
inline std::string order_trouble(const column& c) {
    switch (c.computed) {
    case computation::by_time: return "column " + c.name + " is computed from the time at which its row was written";
    case computation::by_session:
        return "column " + c.name +
               " is computed when it is read, and its value may depend on settings of the session, as the time zone";
    default: return {};
    }
}

/// One column of a key or of a page order.
struct key_part {
    std::size_t column = 0; ///< index into `table_schema::columns`
    bool descending = false;
    std::uint64_t prefix = 0; ///< characters (bytes of BINARY and BLOB) from its beginning that count; 0 is all of it
};

/// A unique key without expressions: what orders pages and tells rows apart.
struct key {
    std::string name = {};
    std::vector<key_part> parts = {};
};

/// One part of a unique index: a whole column, the beginning of one, or an expression.
struct unique_part {
    std::optional<std::size_t> column = {}; ///< index into `table_schema::columns`; none for an expression
    std::uint64_t prefix = 0;               ///< characters (bytes of BINARY and BLOB) that count; 0 is the whole column
    std::string expression = {};     ///< as the server spells it, when it is one and the server tells; else empty
    bool differs_by_session = false; ///< of an expression: as `column::differs_by_session`
    friend bool operator==(const unique_part&, const unique_part&) = default;
};

/// What the server holds unique, whether it can order pages or not: NULLs, prefixes and expressions included.
struct unique_index {
    std::string name = {};
    std::vector<unique_part> parts = {}; ///< in the index's order
    /// Whether it is simply over columns: no part is a prefix or an expression.
    [[nodiscard]] bool is_over_whole_columns() const {
        for (const unique_part& part : parts) {
            if (!part.column || part.prefix != 0) return false;
        }
        return true;
    }
};

/// What the server does by itself when a row is written.
struct trigger {
    std::string name = {};
    std::string event = {}; ///< "INSERT", "UPDATE" or "DELETE"
};

/// What a table asks of the order in which its rows come: each new one has to be greater in a column than all that were committed
/// before it.
struct growing_column {
    std::size_t column = 0;      ///< index into `table_schema::columns`
    std::uint64_t most_step = 0; ///< by how much it may exceed the greatest one at most; 0 is any step
    std::string index = {};      ///< the index that asks for it
};

/// Where the rows of a table are.
enum class row_home : std::uint8_t {
    own,       ///< in the table itself, whose engine enforces its keys
    elsewhere, ///< in other tables, servers or files, to which the table leads
    nowhere,   ///< the table keeps no row
    unknown    ///< the client does not know the engine
};

/// What follows the name of an engine for people: ", which keeps no row"; empty for one whose tables hold their rows.
constexpr std::string_view home_clause(row_home rows) {
    switch (rows) {
    case row_home::own: break;
    case row_home::elsewhere: return ", whose rows are those of other tables, servers or files";
    case row_home::nowhere: return ", which keeps no row";
    case row_home::unknown: return ", which is not known to hold the rows of its tables itself";
    }
    return {};
}

/// A table as its server describes it at one moment; `describe` of a connection gives it.
struct table_schema {
    std::string name = {};
    std::vector<column> columns = {}; ///< all of them, in the server's order
    std::vector<key> keys = {};       ///< the keys that can order pages, without NULLs, PRIMARY first
    /// Keys that could, but for rows with a NULL in them, which come in no order and may be there several times.
    std::vector<key> nullable_keys = {};
    std::string unusable_keys = {}; ///< why the other keys cannot, one clause each; empty when there are none
    std::vector<unique_index> unique_indexes = {}; ///< all of them, PRIMARY first, then as the server lists them
    std::vector<std::string> indexed_columns = {}; ///< the first column of each index
    bool indexes_expressions = false;              ///< some index is over an expression
    std::optional<growing_column> grows = {};      ///< none: rows may come in any order
    std::vector<trigger> triggers = {};            ///< those that the user may see: it takes the privilege TRIGGER
    std::string engine = {};
    /// Anything else than `own`: no target, and no key of it tells rows apart, since its engine does not enforce them.
    row_home rows = row_home::own;
    bool transactional = true;
    bool is_base_table = true;
    std::string kind_name = "a table"; ///< for people: "a table", "a view", "a sequence"
    bool system_versioned = false;     ///< MariaDB keeps former rows in it; they are not read
    /// Its rows lie in parts that the key chooses. A row that was put into another part is found by no condition over the
    /// key that lets the server leave that part out.
    bool partitioned = false;
    std::uint64_t estimated_rows = 0;
    std::uint64_t estimated_bytes = 0;

    /// The index of a column, by name, without regard to ASCII case (as both servers do); none when it is absent.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view wanted) const {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (same_name(columns[i].name, wanted)) return i;
        }
        return std::nullopt;
    }
    /// Whether the server computes a column of this order.
    [[nodiscard]] bool is_computed(const std::vector<key_part>& order) const {
        for (const key_part& part : order) {
            if (columns[part.column].generated) return true;
        }
        return false;
    }
    /// The columns that are copied: all but the generated ones.
    [[nodiscard]] std::vector<std::size_t> stored_columns() const {
        std::vector<std::size_t> stored;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (!columns[i].generated) stored.push_back(i);
        }
        return stored;
    }

    /// Bytes of an average row, by the server's estimate; 0 when it has none.
    [[nodiscard]] double estimated_row_bytes() const {
        return estimated_rows == 0 ? 0 : static_cast<double>(estimated_bytes) / static_cast<double>(estimated_rows);
    }

    /// Whether the server finds the rows behind a bound in this order by an index over it, so that each page costs the
    /// same. It does not for a SET and for a prefix: it looks at all rows for each page then, or at those that are equal
    /// in the columns before. The pages are right all the same.
    [[nodiscard]] bool is_found_by_index(const std::vector<key_part>& order) const {
        for (const key_part& part : order) {
            if (part.prefix != 0 || columns[part.column].kind == column_kind::set) return false;
        }
        return true;
    }

    static constexpr bool same_name(std::string_view a, std::string_view b) {
        if (a.size() != b.size()) return false;
        auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        for (std::size_t i = 0; i < a.size(); ++i) {
            if (lower(a[i]) != lower(b[i])) return false;
        }
        return true;
    }
};

/// One value outside a batch, as a key bound or a checkpoint holds it: bytes in the server's text form, or NULL.
using value = std::optional<std::string>;

/// The values of some key columns, in key order.
using key_values = std::vector<value>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
