// SPDX-License-Identifier: BSL-1.0
// Which columns a struct's fields stand for, and every reason why they cannot.
#ifndef ROWFERRY_RECORD_BINDING_HPP
#define ROWFERRY_RECORD_BINDING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/record/field.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>

#include <boost/pfr/core.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Which columns a T stands for. Made by `bind_record`.
template <class T>
struct record_binding {
    std::string table = {};
    /// A field's column in table_schema::columns: `write_request::columns` for rows that append_record made, and what
    /// to read if no other column is needed
    std::vector<std::size_t> columns = {};
    std::array<std::size_t, detail::field_count<T>> cells{}; ///< a field's cell in a row that was read
    std::size_t row_size = 0;                                ///< cells of such a row
};

namespace detail {

/// Integer columns: how many bits their values need. YEAR goes up to 2155, without a sign.
inline unsigned bits_of(const column& c) {
    return type_name(c.type) == "year" ? 12 : static_cast<unsigned>(8 * capacity(c));
}
inline bool has_sign(const column& c) { return !c.is_unsigned && type_name(c.type) != "year"; }

inline bool holds_exactly(const field_type& field, const column& c) {
    using kind = field_type::kind;
    switch (field.holds) {
    case kind::text: return true;
    case kind::boolean: return c.kind == column_kind::integer && bits_of(c) == 8;
    case kind::real: return c.kind == (field.bits == 32 ? column_kind::real32 : column_kind::real64);
    case kind::integer:
        if (c.kind != column_kind::integer || (has_sign(c) && !field.is_signed)) return false;
        return field.bits >= bits_of(c) + (field.is_signed && !has_sign(c) ? 1 : 0);
    case kind::none: break;
    }
    return false;
}

/// The type of field for a column's values, without std::optional.
inline std::string natural_type(const column& c) {
    if (c.kind == column_kind::real32) return "float";
    if (c.kind == column_kind::real64) return "double";
    if (c.kind != column_kind::integer) return "std::string";
    const unsigned bits = bits_of(c);
    return std::string(has_sign(c) ? "std::int" : "std::uint") + (bits == 8    ? "8_t"
                                                                  : bits <= 16 ? "16_t"
                                                                  : bits <= 32 ? "32_t"
                                                                               : "64_t");
}

/// What is wrong between a field and its column, and what to do; empty when nothing is.
inline std::string field_mismatch(const field_type& field, const column& c) {
    const bool fits = holds_exactly(field, c);
    const bool takes_null = field.optional || !c.nullable;
    if (fits && takes_null) return {};
    std::string type = fits ? std::string(field.name) : natural_type(c);
    if (field.optional || c.nullable) type = "std::optional<" + type + ">";
    std::string text = "the column ";
    if (!fits) text += "is " + c.type + ", which " + std::string(field.name) + " cannot hold";
    if (!fits && !takes_null) text += ", and ";
    if (!takes_null) text += "may be NULL";
    return text + ": make the field " + type;
}

/// Finds the fields' columns among those that are read, and fills in the binding; all mismatches in one message.
inline result<void> bind_fields(const table_schema& table, const std::vector<std::size_t>& read, std::size_t count,
                                const std::string_view* names, const field_type* types,
                                std::vector<std::size_t>& columns, std::size_t* cells) {
    std::string mismatches;
    for (std::size_t i = 0; i < count; ++i) {
        std::string wrong;
        const auto found = table.find(names[i]);
        const auto cell = std::find(read.begin(), read.end(), found.value_or(table.columns.size()));
        if (!found) {
            wrong = "the table has no such column: rename the field or remove it";
        } else if (cell == read.end()) {
            wrong = table.columns[*found].generated ? "the column is generated, and not among those that are read"
                                                    : "the column is not among those that are read";
            wrong += ": read it too, or remove the field";
        } else if (std::find(columns.begin(), columns.end(), *found) != columns.end()) {
            wrong = "another field has this column already: remove one of them";
        } else {
            wrong = field_mismatch(types[i], table.columns[*found]);
            columns.push_back(*found);
            cells[i] = static_cast<std::size_t>(cell - read.begin());
        }
        if (wrong.empty()) continue;
        mismatches += mismatches.empty() ? "" : "; ";
        mismatches += "field " + std::string(names[i]) + ": " + wrong;
    }
    if (mismatches.empty()) return {};
    return refusal("the record does not fit table " + table.name + ": " + mismatches);
}

} // namespace detail

/// Binds T to rows that hold the columns `read` of the table, as indices into `table.columns`.
///
/// Fields and columns are matched by name, without regard to ASCII case; columns without a field are passed over.
/// Refuses with every mismatch in one message, each with what to do about it.
template <class T>
result<record_binding<T>> bind_record(const table_schema& table, const std::vector<std::size_t>& read) {
    if constexpr (explain_record<T>()) {
        record_binding<T> binding{table.name, {}, {}, read.size()};
        constexpr auto names = field_names<T>();
        constexpr auto types = []<std::size_t... I>(std::index_sequence<I...>) {
            return std::array{detail::type_of_field<boost::pfr::tuple_element_t<I, T>>...};
        }
        (std::make_index_sequence<detail::field_count<T>>());
        auto bound = detail::bind_fields(table, read, names.size(), names.data(), types.data(), binding.columns,
                                         binding.cells.data());
        if (!bound) return bound.error();
        return binding;
    } else {
        return refusal("not a record");
    }
}
/// Binds T to rows as `pages` reads them: all stored columns, in the table's order.
template <class T>
result<record_binding<T>> bind_record(const table_schema& table) {
    return bind_record<T>(table, table.stored_columns());
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
