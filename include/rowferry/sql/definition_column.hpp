// SPDX-License-Identifier: BSL-1.0
// One column of a definition, taken apart: its name, its type, and its attributes in the server's order.
#ifndef ROWFERRY_SQL_DEFINITION_COLUMN_HPP
#define ROWFERRY_SQL_DEFINITION_COLUMN_HPP

#include <rowferry/sql/definition_text.hpp>
#include <rowferry/sql/text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// ASCII letters in lower case.
inline std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lowered;
}

/// One attribute of a column.
struct column_attribute {
    std::string key;    ///< its leading words in lower case, as "default" or "not null"
    token_list tokens;  ///< all of it, without the marks of a version comment
    token_list wrapped; ///< with those marks, when it stands in a version comment; else empty

    /// As the server wrote it.
    [[nodiscard]] const token_list& as_written() const { return wrapped.empty() ? tokens : wrapped; }
};

/// A column of a definition.
struct column_text {
    token name;
    token_list type; ///< with its arguments, "unsigned" and "zerofill"
    std::vector<column_attribute> attributes;

    [[nodiscard]] column_attribute* find(std::string_view key) {
        const auto found =
            std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.key == key; });
        return found == attributes.end() ? nullptr : &*found;
    }
    void erase(std::string_view key) {
        std::erase_if(attributes, [&](const column_attribute& a) { return a.key == key; });
    }
    /// The type's name in lower case, as "varchar".
    [[nodiscard]] std::string type_name() const { return lower(type.front().text); }
};

namespace detail {

/// Reads the attributes of a column, one after the other.
class attribute_reader {
public:
    attribute_reader(const token_list& item, std::size_t at) : item_(item), at_(at) {}

    [[nodiscard]] bool done() const { return at_ >= item_.size(); }
    column_attribute next() {
        column_attribute a;
        if (item_[at_].kind == token_kind::open_comment) {
            const std::size_t begin = at_++;
            while (!done() && item_[at_].kind != token_kind::close_comment) a.tokens.push_back(item_[at_++]);
            if (!done()) ++at_;
            a.wrapped.assign(item_.begin() + static_cast<std::ptrdiff_t>(begin),
                             item_.begin() + static_cast<std::ptrdiff_t>(at_));
            a.key = a.tokens.empty() ? "" : lower(a.tokens.front().text);
            if (!a.tokens.empty() && a.tokens.front().space.empty()) a.tokens.front().space = " ";
            return a;
        }
        const std::string first = lower(item_[at_].text);
        a.key = first;
        take(a);
        if (first == "character") {
            a.key = "character set";
            take(a, 2);
        } else if (first == "not") {
            a.key = "not null";
            take(a);
        } else if (first == "collate" || first == "comment") {
            take(a);
        } else if (first == "default") {
            take_value(a);
        } else if (first == "on") {
            a.key = "on update";
            take(a);
            take_value(a);
        } else if (first == "generated") {
            take(a, 2); // ALWAYS AS
            if (!done() && item_[at_].is("(")) {
                take_group(a);
            } else {
                take(a, 2); // ROW START, ROW END
            }
        } else if (first == "check") {
            take_group(a);
        } else if (first == "without") {
            a.key = "without system versioning";
            take(a, 2);
        } else if (!done() && item_[at_].is("=")) { // REF_SYSTEM_ID=4326, and options of engines
            take(a, 2);
        }
        return a;
    }

private:
    void take(column_attribute& a, std::size_t tokens = 1) {
        for (; tokens > 0 && !done(); --tokens) a.tokens.push_back(item_[at_++]);
    }
    void take_group(column_attribute& a) {
        if (done() || !item_[at_].is("(")) return;
        take(a, behind_group(item_, at_) - at_);
    }
    /// A literal, a function or something in parentheses: what may stand behind DEFAULT.
    void take_value(column_attribute& a) {
        if (!done() && (item_[at_].is("-") || item_[at_].is("+"))) take(a);
        if (done()) return;
        if (item_[at_].is("(")) return take_group(a);
        const bool is_word = item_[at_].kind == token_kind::word;
        take(a);
        if (!is_word || done() || !item_[at_].space.empty()) return;
        if (item_[at_].kind == token_kind::string) { // b'101', _utf8mb4'text'
            take(a);
        } else {
            take_group(a);
        }
    }

    const token_list& item_;
    std::size_t at_;
};

} // namespace detail

/// Takes an item apart that begins with a quoted name.
inline column_text parse_column(const token_list& item) {
    column_text column;
    column.name = item.front();
    std::size_t i = 1;
    if (i < item.size()) column.type.push_back(item[i++]);
    if (i < item.size() && item[i].is("(")) {
        const std::size_t end = behind_group(item, i);
        while (i < end) column.type.push_back(item[i++]);
    }
    while (i < item.size() && (item[i].is("unsigned") || item[i].is("zerofill"))) column.type.push_back(item[i++]);
    for (detail::attribute_reader read(item, i); !read.done();) column.attributes.push_back(read.next());
    return column;
}

/// The column as an item of a definition again.
inline token_list to_item(const column_text& column) {
    token_list item{column.name};
    item.insert(item.end(), column.type.begin(), column.type.end());
    for (const column_attribute& a : column.attributes) {
        item.insert(item.end(), a.as_written().begin(), a.as_written().end());
    }
    return item;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
