// SPDX-License-Identifier: BSL-1.0
// Typed rows: a plain struct stands for a row, and its fields bear the names of the columns. With Boost.PFR.
//
//   struct proc_note {
//       std::int64_t ProcNoteNum;
//       std::optional<std::string> Note; // a column that may be NULL
//   };
//   auto binding = rf::bind_record<proc_note>(schema);                  // or every mismatch in one message
//   for (const proc_note& note : rf::records(batch, *binding)) { … }    // throws copy_error when a value does not fit
//   auto note = rf::read_record(batch[0], *binding);                    // a result<proc_note>
//   rf::append_record(batch_to_write, *note).value();                   // the way back
//   rf::copy_request{.table = "procnote", .columns = rf::columns_of<proc_note>()} // copies the columns of the fields
//
// A field holds its column's values exactly, or is refused: integers of any width in integer columns that are no wider,
// bool in TINYINT, float in FLOAT, double in DOUBLE; and std::string or std::string_view in every column, for the bytes
// as the server sent them (the only way for DECIMAL, BIT, dates and all else). std::optional of these takes NULL.
#ifndef ROWFERRY_RECORD_HPP
#define ROWFERRY_RECORD_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/record/binding.hpp>
#include <rowferry/record/columns.hpp>
#include <rowferry/record/field.hpp>
#include <rowferry/result.hpp>

#include <boost/pfr/core.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace rowferry {
inline namespace v0 {

namespace detail {

/// A row's value as a field's. Gives what is wrong with it, or nothing; never the value itself, which may be private.
template <RecordField F>
std::string_view convert(const cell& from, F& into) {
    if constexpr (type_of_field<F>.optional) {
        into.reset();
        return from.is_null() ? std::string_view{} : convert(from, into.emplace());
    } else {
        if (from.is_null()) return "the value is NULL, and the field is no std::optional";
        const std::string_view text = from.bytes();
        if constexpr (std::same_as<F, bool>) {
            into = text == "1";
            return into || text == "0" ? "" : "the value is neither 0 nor 1, and the field is a bool";
        } else if constexpr (type_of_field<F>.holds == field_type::kind::text) {
            into = text;
            return {};
        } else {
            const char* const end = text.data() + text.size();
            const auto [stop, status] = std::from_chars(text.data(), end, into);
            if (status == std::errc::result_out_of_range) return "the value is out of the field's range";
            return status == std::errc{} && stop == end ? "" : "the value is not a number as the field holds it";
        }
    }
}

/// A field's value as a cell: NULL, 1 or 0 for bool, the shortest digits that give the same number again (at most 17),
/// or the bytes.
template <RecordField F>
void append_field(row_batch& into, const F& field) {
    if constexpr (type_of_field<F>.optional) {
        if (field) {
            append_field(into, *field);
        } else {
            into.add(cell());
        }
    } else if constexpr (std::same_as<F, bool>) {
        into.add(std::string_view(field ? "1" : "0"));
    } else if constexpr (type_of_field<F>.holds == field_type::kind::text) {
        into.add(std::string_view(field));
    } else {
        char digits[32];
        std::to_chars_result written{};
        if constexpr (std::same_as<F, float>) { // as a double, as FLOAT columns are read
            written = std::to_chars(digits, digits + sizeof digits, static_cast<double>(field));
        } else {
            written = std::to_chars(digits, digits + sizeof digits, field);
        }
        into.add(std::string_view(digits, static_cast<std::size_t>(written.ptr - digits)));
    }
}

/// Neither infinite nor NaN, which no column holds.
template <RecordField F>
bool is_writable(const F& field) {
    if constexpr (type_of_field<F>.optional) {
        return !field || is_writable(*field);
    } else if constexpr (std::floating_point<F>) {
        return field >= std::numeric_limits<F>::lowest() && field <= std::numeric_limits<F>::max();
    } else {
        return true;
    }
}

inline error unreadable(const std::string& table, std::string_view column, std::string_view why,
                        std::optional<std::size_t> row) {
    error e = refusal(std::string(why), "table " + table + ", column " + std::string(column));
    if (row) e.where += ", row " + std::to_string(*row + 1) + " of the batch";
    e.fault = fault::data;
    e.operation = "read record";
    return e;
}

template <class T>
result<T> read_record_at(const row_view& row, const record_binding<T>& binding, std::optional<std::size_t> position) {
    if constexpr (explain_record<T>()) {
        if (row.size() != binding.row_size) {
            return refusal("the record is bound to rows of " + std::to_string(binding.row_size) +
                               " columns, and this one has " + std::to_string(row.size()) +
                               ": bind it to the columns that are read",
                           "table " + binding.table);
        }
        T record{};
        std::string_view wrong;
        std::size_t column = 0;
        auto read_all = [&]<std::size_t... I>(std::index_sequence<I...>) {
            auto read = [&](std::size_t i, auto& field) {
                column = i;
                wrong = convert(row[binding.cells[i]], field);
                return wrong.empty();
            };
            return (true && ... && read(I, boost::pfr::get<I>(record)));
        };
        if (read_all(std::make_index_sequence<field_count<T>>())) return record;
        return unreadable(binding.table, field_names<T>()[column], wrong, position);
    } else {
        return refusal("not a record");
    }
}

} // namespace detail

/// One row as a T, or the error of the first value that its field cannot hold (`fault::data`; table and column in
/// `where`). A std::string_view in it is a view into the row's batch.
template <class T>
result<T> read_record(const row_view& row, const record_binding<T>& binding) {
    return detail::read_record_at(row, binding, std::nullopt);
}

/// The rows of a batch as values of T, each converted when the iterator is dereferenced. Made by `records`.
template <class T>
class record_range {
    static_assert(explain_record<T>() || true); // it says its own sentence

public:
    class iterator {
    public:
        using value_type = T;
        using reference = T;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::forward_iterator_tag;

        iterator() = default;
        iterator(const row_batch& batch, const record_binding<T>& binding, std::size_t row)
            : batch_(&batch), binding_(&binding), row_(row) {}
        /// Throws `copy_error` for a value that its field cannot hold, with the row's position, counted from 1.
        [[nodiscard]] T operator*() const { return detail::read_record_at((*batch_)[row_], *binding_, row_).value(); }
        iterator& operator++() {
            ++row_;
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            ++row_;
            return before;
        }
        friend bool operator==(const iterator& a, const iterator& b) { return a.row_ == b.row_; }

    private:
        const row_batch* batch_ = nullptr;
        const record_binding<T>* binding_ = nullptr;
        std::size_t row_ = 0;
    };

    record_range(const row_batch& batch, const record_binding<T>& binding) : batch_(&batch), binding_(&binding) {}
    [[nodiscard]] iterator begin() const { return {*batch_, *binding_, 0}; }
    [[nodiscard]] iterator end() const { return {*batch_, *binding_, batch_->rows()}; }
    [[nodiscard]] std::size_t size() const { return batch_->rows(); }

private:
    const row_batch* batch_;
    const record_binding<T>* binding_;
};

/// The rows of a batch as values of T, to loop over. Both arguments outlive what is made of them.
///
/// A value that its field cannot hold throws `copy_error`, so that no row is left out unnoticed; `read_record` is the
/// form that does not throw.
template <class T>
[[nodiscard]] record_range<T> records(const row_batch& batch, const record_binding<T>& binding) {
    return {batch, binding};
}
template <class T>
record_range<T> records(const row_batch&&, const record_binding<T>&) = delete;
template <class T>
record_range<T> records(const row_batch&, const record_binding<T>&&) = delete;

/// Appends a T as a row, one cell for each field in their order: write it to the columns `record_binding::columns`.
///
/// What `read_record` gave is written back without a change of value. Refuses a number that no column holds (infinite
/// or NaN), and a batch whose rows have another number of cells; it is left as it was. Not for the batch into which the
/// record's own views point.
template <class T>
result<void> append_record(row_batch& into, const T& record) {
    if constexpr (explain_record<T>()) {
        constexpr std::size_t count = detail::field_count<T>;
        auto append_all = [&]<std::size_t... I>(std::index_sequence<I...>)->result<void> {
            const bool writable[] = {detail::is_writable(boost::pfr::get<I>(record))...};
            for (std::size_t i = 0; i < count; ++i) {
                if (writable[i]) continue;
                error e = refusal("field " + std::string(field_names<T>()[i]) +
                                  " is infinite or not a number, and no column can hold that");
                e.fault = fault::data;
                return e;
            }
            if (into.columns() != count) {
                if (!into.empty()) {
                    return refusal("a record of " + std::to_string(count) + " fields cannot join a batch of rows of " +
                                   std::to_string(into.columns()) + " cells: use a batch of its own");
                }
                into.reset(count);
            }
            (detail::append_field(into, boost::pfr::get<I>(record)), ...);
            return {};
        };
        return append_all(std::make_index_sequence<count>());
    } else {
        return refusal("not a record");
    }
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
