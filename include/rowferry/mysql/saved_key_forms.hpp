// SPDX-License-Identifier: BSL-1.0
// How the last key of a saved checkpoint is shown: as the copy that saved it shows it, by the definition beside it.
#ifndef ROWFERRY_MYSQL_SAVED_KEY_FORMS_HPP
#define ROWFERRY_MYSQL_SAVED_KEY_FORMS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/job_definition.hpp>
#include <rowferry/mysql/describe.hpp>
#include <rowferry/mysql/text_decoding.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Reads the page order of a definition: "pages: keyset by a collate latin1_bin desc, then …; columns: a varchar(9), …".
/// The types of generated columns stand after the order: "…, computed: g int, h text as a + 1, b; columns: …".
class saved_order {
public:
    explicit saved_order(std::string_view definition) {
        constexpr std::string_view by = " by ";
        const std::string_view pages = rowferry::detail::definition_parts(definition).pages;
        const auto begin = pages.find(by);
        if (begin == pages.npos) return;
        rest_ = pages.substr(begin + by.size());
        // The text may begin with a mark of its snapshot and a transformation.
        const std::size_t end = static_cast<std::size_t>(pages.data() - definition.data()) + pages.size();
        columns_ = definition.substr(std::min(definition.size(), end + rowferry::detail::columns_mark.size()));
        const auto computed = pages.find(rowferry::detail::computed_mark, begin);
        if (computed != pages.npos) computed_ = pages.substr(computed + rowferry::detail::computed_mark.size());
    }

    /// The form of the next part of the key; none after the last one, or where the text is not understood.
    std::optional<key_form> next() {
        // A name may have blanks and commas: the longest one that a column has is meant.
        std::string_view name;
        std::string_view type;
        constexpr std::size_t longest = 4 * 64; // bytes: no server's names have more
        for (std::size_t end = 1; end <= std::min(rest_.size(), longest); ++end) {
            if (end < rest_.size() && rest_[end] != ' ' && rest_[end] != '(' && rest_[end] != ',') continue;
            std::string_view found = type_in(columns_, rest_.substr(0, end));
            if (found.empty()) found = type_in(computed_, rest_.substr(0, end));
            if (found.empty()) continue;
            name = rest_.substr(0, end);
            type = found;
        }
        if (name.empty()) return std::nullopt;
        rest_.remove_prefix(name.size());
        key_form form;
        form.kind = kind_of(rowferry::detail::type_name(type));
        if (take("(")) rest_.remove_prefix(std::min(rest_.size(), rest_.find(')') + 1));
        if (take(" collate ")) { // a collation's name begins with that of its charset
            const std::string_view collation = rest_.substr(0, rest_.find_first_of(" ,;"));
            form.charset = collation.substr(0, collation.find('_'));
            rest_.remove_prefix(collation.size());
        }
        (void)take(" desc");
        (void)take(" ");
        form.decode = decoder_for(form.charset);
        return form;
    }

private:
    /// The type of the column with this name, and what follows; empty where there is none.
    [[nodiscard]] static std::string_view type_in(std::string_view columns, std::string_view name) {
        for (auto at = columns.find(name); at != columns.npos; at = columns.find(name, at + 1)) {
            const bool is_begin = at == 0 || columns.substr(0, at).ends_with(", ");
            const std::string_view behind = columns.substr(at + name.size());
            if (is_begin && behind.starts_with(' ')) return behind.substr(1);
        }
        return {};
    }
    bool take(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }

    std::string_view rest_;     // of the page order
    std::string_view columns_;  // "a int, b text", and the filter
    std::string_view computed_; // "g int, h text as a + 1, b"
};

/// The forms of a checkpoint's last key; empty where its definition does not tell.
inline key_forms saved_key_forms(const checkpoint& of) {
    constexpr std::size_t most_parts = 64; // as of an index: what a server says is not trusted
    if (of.last_key.size() > most_parts) return {};
    saved_order order(of.definition);
    key_forms forms;
    while (forms.size() < of.last_key.size()) {
        auto form = order.next();
        if (!form) return {};
        forms.push_back(std::move(*form));
    }
    return forms;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
