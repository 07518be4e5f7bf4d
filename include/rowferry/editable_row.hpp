// SPDX-License-Identifier: BSL-1.0
// One row on its way from the source to the target: what a transformation reads, changes and drops.
#ifndef ROWFERRY_EDITABLE_ROW_HPP
#define ROWFERRY_EDITABLE_ROW_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/transformation.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

class editable_row;

namespace detail {
class row_editor;
template <class T>
concept edited_number = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                        !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;
} // namespace detail

/// One value of an editable row; made by `row["name"]`, and not kept after the transformation returns.
///
/// Values are what the server sends and takes: numbers and times as text, text in the column's own charset, ENUM by its member
/// (by its position where members are alike). The target checks a new value as it checks every other: what is too long, or NULL
/// where that is not allowed, is refused with its row. For verification to find it equal, spell it as the server gives it back.
///
/// Text that is compared or set is UTF-8. If `column::decode` reads the same bytes as another text, or as none, this throws
/// `std::domain_error`, which ends the copy at this row: `bytes()` and a `value` go around that.
class editable_cell {
public:
    [[nodiscard]] bool is_null() const;
    /// In the column's own charset; empty for NULL. Valid until the value is set, or the transformation returns.
    [[nodiscard]] std::string_view bytes() const;
    /// The column, as its server describes it.
    [[nodiscard]] const column& definition() const;
    /// Whether it is not NULL and is this text, byte by byte.
    [[nodiscard]] friend bool operator==(const editable_cell& c, std::string_view text) {
        c.check_text(text);
        return !c.is_null() && c.bytes() == text;
    }

    /// Sets a text in UTF-8, or a number. Throws std::domain_error if the column's charset may need other bytes.
    editable_cell& operator=(std::string_view text) {
        check_text(text);
        return set(std::string(text));
    }
    editable_cell& operator=(const std::string& text) { return *this = std::string_view(text); }
    editable_cell& operator=(const char* text) { return *this = std::string_view(text); }
    template <detail::edited_number T>
    editable_cell& operator=(T number) {
        return *this = std::string_view(std::to_string(number));
    }
    /// Sets the value to NULL.
    editable_cell& operator=(std::nullopt_t) { return set(std::nullopt); }
    /// Sets these bytes, in the column's own charset, or NULL.
    editable_cell& operator=(const value& v) { return set(v); }
    /// Copies the other cell's value; this still refers to the same cell.
    editable_cell& operator=(const editable_cell& other);
    editable_cell(const editable_cell&) = default;
    ~editable_cell() = default;

private:
    friend class editable_row;
    editable_cell(detail::row_editor& editor, std::size_t cell) : editor_(&editor), cell_(cell) {}
    editable_cell& set(value v);
    void check_text(std::string_view text) const;

    detail::row_editor* editor_;
    std::size_t cell_;
};

namespace detail {

/// Goes over rows, one at a time, and notes what is done to each.
class row_editor {
public:
    explicit row_editor(const transform_request& request)
        : request_(request), changes_(request.columns.size()), is_set_(request.columns.size()) {}

    void begin(row_view row) {
        row_ = row;
        is_dropped_ = false;
        hint_ = 0;
        if (any_set_) is_set_.assign(is_set_.size(), false);
        any_set_ = false;
    }
    [[nodiscard]] const table_schema& table() const { return *request_.table; }
    [[nodiscard]] const column& column_of(std::size_t cell) const {
        return request_.table->columns[request_.columns[cell]];
    }
    /// Where a column stands; none when it is not there. A transformation names the same columns in the same order for each row,
    /// so that the last row's place is tried first.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) {
        if (hint_ < hints_.size() && table_schema::same_name(column_of(hints_[hint_]).name, name))
            return hints_[hint_++];
        for (std::size_t i = 0; i < request_.columns.size(); ++i) {
            if (!table_schema::same_name(column_of(i).name, name)) continue;
            hints_.resize(hint_);
            hints_.push_back(i);
            ++hint_;
            return i;
        }
        return std::nullopt;
    }
    [[nodiscard]] cell at(std::size_t i) const {
        if (!is_set_[i]) return (*row_)[i];
        return changes_[i] ? cell(*changes_[i]) : cell();
    }
    void set(std::size_t i, value v) {
        changes_[i] = std::move(v);
        is_set_[i] = true;
        any_set_ = true;
    }
    void drop() { is_dropped_ = true; }
    [[nodiscard]] bool is_dropped() const { return is_dropped_; }
    /// A part of the key that is not as it was; none when all are.
    [[nodiscard]] const column* changed_key() const {
        for (const std::size_t i : request_.key) {
            if (is_set_[i] && at(i) != (*row_)[i]) return &column_of(i);
        }
        return nullptr;
    }

private:
    const transform_request& request_;
    std::optional<row_view> row_;
    std::vector<value> changes_; // of each cell, where it is set
    std::vector<bool> is_set_;
    bool any_set_ = false;
    bool is_dropped_ = false;
    std::vector<std::size_t> hints_; // the places of the columns that were asked for, in that order
    std::size_t hint_ = 0;
};

} // namespace detail

inline bool editable_cell::is_null() const { return editor_->at(cell_).is_null(); }
inline std::string_view editable_cell::bytes() const { return editor_->at(cell_).bytes(); }
inline const column& editable_cell::definition() const { return editor_->column_of(cell_); }
inline editable_cell& editable_cell::set(value v) {
    editor_->set(cell_, std::move(v));
    return *this;
}
inline editable_cell& editable_cell::operator=(const editable_cell& other) {
    if (other.is_null()) return set(std::nullopt);
    const column& from = other.definition();
    if (from.charset == definition().charset) return set(std::string(other.bytes()));
    other.check_text(other.bytes());
    return *this = other.bytes();
}
inline void editable_cell::check_text(std::string_view text) const {
    const column& c = definition();
    const bool is_same = text.empty() || c.decode == nullptr || c.decode(text, c.charset) == text;
    if (is_same) return;
    throw std::domain_error(
        "column " + c.name + " is in the charset " + c.charset +
        ", in which this text may have other bytes: compare its bytes(), or set a value of such bytes");
}

/// A row that passes through a transformation: all stored columns of the source's table, also those that the copy leaves out.
/// Columns that the server computes are not among them.
class editable_row {
public:
    /// Used by `transformed`.
    explicit editable_row(detail::row_editor& editor) : editor_(&editor) {}
    editable_row(const editable_row&) = delete;
    editable_row& operator=(const editable_row&) = delete;
    ~editable_row() = default;

    /// The source's table, by its name.
    [[nodiscard]] const std::string& table() const { return editor_->table().name; }
    [[nodiscard]] bool has(std::string_view column) const { return editor_->find(column).has_value(); }
    /// The value in a column, by its name in the source, without regard to ASCII case. Throws `std::out_of_range` when there
    /// is no such column, which ends the copy at this row.
    [[nodiscard]] editable_cell operator[](std::string_view column) {
        const auto found = editor_->find(column);
        if (!found) {
            const bool is_computed = editor_->table().find(column).has_value();
            throw std::out_of_range(
                "it asks for column " + std::string(column) +
                (is_computed ? ", which the server computes, and which is not copied" : ", which the table lacks"));
        }
        return {*editor_, *found};
    }
    /// The row is not written. Its key counts as copied all the same.
    void drop() { editor_->drop(); }

private:
    detail::row_editor* editor_;
};

namespace detail {

/// Calls a transformation, whose type is not known here.
using transform_call = void (*)(const void* transformation, editable_row& row);

/// Names the row at which a transformation ended a batch.
inline error transform_error(const transform_request& request, std::size_t number, const row_view& row,
                             std::string_view name, const std::string& what) {
    key_values key;
    std::vector<key_part> parts;
    for (const std::size_t i : request.key) {
        key.push_back(row[i].to_value());
        parts.push_back({request.columns[i]});
    }
    const std::string which = key.empty()
                                  ? "row " + std::to_string(request.rows_before + number + 1) + " in the source's order"
                                  : "the row with key " + to_string(key, forms_of(*request.table, parts));
    error e = refusal("the transformation \"" + one_line(name, shown::name) + "\" fails at " + which + " of table " +
                      one_line(request.table->name, shown::name) + ": " + what +
                      ". Nothing of this batch was written: correct the transformation");
    e.operation = "transform";
    e.cause = cause::not_transformed;
    e.remedies = {remedy{remedy::run_again}};
    return e;
}

/// Has rows pass through a transformation, one after another. What it throws ends it: a permanent error.
inline result<void> transform_rows(const transform_request& request, const row_range& rows, kept_rows& into,
                                   std::string_view name, const void* transformation, transform_call call) {
    into.reset(rows.columns());
    row_editor editor(request);
    editable_row row(editor);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        editor.begin(rows[i]);
        std::string fault;
        try {
            call(transformation, row);
        } catch (const std::exception& e) {
            fault = one_line(e.what(), shown::message);
            if (fault.empty()) fault = "an exception without a text";
        } catch (...) {
            fault = "an exception that is not a std::exception";
        }
        if (fault.empty() && !editor.is_dropped()) {
            if (const column* changed = editor.changed_key()) {
                fault = "it changes column " + changed->name +
                        ", which is a part of the key that rows are found again by and has to stay as it is";
            }
        }
        if (!fault.empty()) return transform_error(request, i, rows[i], name, fault);
        for (std::size_t j = 0; j < rows.columns() && !editor.is_dropped(); ++j) into.add(editor.at(j));
        into.end_row();
    }
    return {};
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
