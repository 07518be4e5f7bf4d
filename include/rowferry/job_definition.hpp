// SPDX-License-Identifier: BSL-1.0
// What has to be the same when a copy is continued: the order of its pages, its columns and its filter, as one text.
#ifndef ROWFERRY_JOB_DEFINITION_HPP
#define ROWFERRY_JOB_DEFINITION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

inline constexpr std::string_view pages_mark = "pages: ";
inline constexpr std::string_view computed_mark = ", computed: ";
inline constexpr std::string_view columns_mark = "; columns: ";
inline constexpr std::string_view filter_mark = "; where: ";
inline constexpr std::string_view transformation_mark = "transformed by \"";
inline constexpr std::string_view transformation_end = "\"; ";

/// "pages: keyset by id; columns: id bigint, note text to remark; where: id > 5", and before it "transformed by "masked";" where
/// rows pass through a transformation: its name has no quote. The collation of a text column that
/// orders pages is part of it: in another order, what lies after the last key are other rows. So are the type of a
/// generated one and what it is computed from: "pages: keyset by g, computed: g int as a + 1".
inline std::string definition_of(const copy_plan& plan, std::string_view pages) {
    std::string text;
    if (!plan.transformation.empty())
        text = std::string(transformation_mark) + plan.transformation + std::string(transformation_end);
    text += std::string(pages_mark) + std::string(pages) + " by";
    for (const key_part& part : plan.order.parts) {
        const column& c = plan.source.columns[part.column];
        text += " " + c.name + (part.prefix == 0 ? "" : "(" + std::to_string(part.prefix) + ")") +
                (c.collation.empty() ? "" : " collate " + c.collation) + (part.descending ? " desc" : "");
    }
    std::string computed;
    std::string expressions; // after all names, so that no text in one is taken for a name
    for (const key_part& part : plan.order.parts) {
        const column& c = plan.source.columns[part.column];
        if (!c.generated) continue;
        const std::string_view link = computed.empty() ? "" : ", ";
        computed += std::string(link) + c.name + " " + c.type;
        expressions += std::string(link) + c.expression;
    }
    if (!computed.empty()) text += std::string(computed_mark) + computed + " as " + expressions;
    if (!plan.nullable.empty()) text += ", then those with NULL";
    if (!plan.time_zone.empty()) text += ", in the time zone " + plan.time_zone;
    text += columns_mark;
    for (std::size_t i = 0; i < plan.columns.source.size(); ++i) {
        const column& from = plan.source.columns[plan.columns.source[i]];
        const column& to = plan.target.columns[plan.columns.target[i]];
        text += (i == 0 ? "" : ", ") + from.name + " " + from.type;
        if (!table_schema::same_name(from.name, to.name)) text += " to " + to.name;
    }
    if (!plan.filter.empty()) text += std::string(filter_mark) + plan.filter;
    return text;
}

/// The parts of a definition's text.
struct definition_parts {
    std::string_view transformation;
    std::string_view pages;
    std::vector<std::string_view> columns;
    std::string_view filter;

    explicit definition_parts(std::string_view text) {
        // What comes before both is the same for any two definitions that are compared.
        const std::size_t mark = text.find(transformation_mark);
        if (mark < text.find(pages_mark)) {
            text.remove_prefix(mark + transformation_mark.size());
            transformation = text.substr(0, text.find('"'));
            text.remove_prefix(transformation.size());
        }
        text.remove_prefix(std::min(text.size(), text.find(pages_mark)));
        pages = text.substr(0, text.find(columns_mark));
        text.remove_prefix(std::min(text.size(), pages.size() + columns_mark.size()));
        // A comma inside brackets or quotes belongs to a type.
        int depth = 0;
        bool quoted = false;
        for (std::size_t begin = 0, i = 0;; ++i) {
            const bool at_filter = depth == 0 && !quoted && text.substr(i).starts_with(filter_mark);
            if (i >= text.size() || at_filter) {
                columns.push_back(text.substr(begin, i - begin));
                if (at_filter) filter = text.substr(i + filter_mark.size());
                return;
            }
            if (text[i] == '\'') quoted = !quoted;
            if (!quoted) depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth > 0 || quoted || !text.substr(i).starts_with(", ")) continue;
            columns.push_back(text.substr(begin, i - begin));
            begin = i + 2;
        }
    }
};

/// What is different between the definition of a checkpoint and that of the copy which finds it, as a clause.
inline std::string definition_change(std::string_view was_text, std::string_view is_text) {
    const definition_parts was(was_text);
    const definition_parts is(is_text);
    std::string changes;
    auto add = [&changes](const std::string& how) { changes += (changes.empty() ? "" : "; ") + how; };
    auto quoted = [](std::string_view text) { return "\"" + std::string(text) + "\""; };
    if (was.transformation != is.transformation) {
        add((was.transformation.empty() ? std::string("its rows passed through no transformation")
                                        : "its rows passed through the transformation " + quoted(was.transformation)) +
            ", and " +
            (is.transformation.empty() ? std::string("pass through none now")
                                       : "pass through " + quoted(is.transformation) + " now"));
    }
    if (was.pages != is.pages) add("it was " + quoted(was.pages) + ", and is " + quoted(is.pages) + " now");
    auto only_in = [](const definition_parts& here, const definition_parts& there) {
        listing names;
        for (std::string_view c : here.columns) {
            if (std::find(there.columns.begin(), there.columns.end(), c) != there.columns.end()) continue;
            names.add(c);
        }
        return names.text();
    };
    const std::string gone = only_in(was, is);
    const std::string fresh = only_in(is, was);
    if (!gone.empty()) add("it copied " + gone + ", and does not now");
    if (!fresh.empty()) add("it copies " + fresh + " now, and did not");
    if (was.filter != is.filter) {
        add((was.filter.empty() ? std::string("it had no filter") : "its filter was " + quoted(was.filter)) +
            (is.filter.empty() ? ", and it has none now" : ", and is " + quoted(is.filter) + " now"));
    }
    if (changes.empty()) add("the columns come in another order now");
    return changes;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
