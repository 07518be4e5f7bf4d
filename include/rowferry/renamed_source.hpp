// SPDX-License-Identifier: BSL-1.0
// A job is known by the name of its source. When the same data are read from another host, or by another name, the checkpoint
// of the earlier copy belongs to another job: finds it, so that it can be named.
#ifndef ROWFERRY_RENAMED_SOURCE_HPP
#define ROWFERRY_RENAMED_SOURCE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/foreign_text.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// An earlier copy of the same table into the same target, from a source of another name.
struct renamed_source {
    std::string name = {}; ///< as that copy has called its source
    std::uint64_t rows = 0;
    bool is_complete = false;

    [[nodiscard]] std::string text() const {
        return "a checkpoint of a copy from " + name + " (" + grouped(rows) + (rows == 1 ? " row" : " rows") +
               (is_complete ? ", complete)" : ", not complete)");
    }
};

/// Of several the one that came farthest: a job whose title differs from `title` by the source's name alone.
template <class Connection>
std::optional<renamed_source> find_renamed_source(Connection& c, std::string_view title, std::string_view source) {
    auto all = c.list_checkpoints();
    if (!all) return std::nullopt; // it would only have helped
    const std::string_view rest = title.substr(source.size());
    std::optional<renamed_source> found;
    for (const listed_checkpoint& each : *all) {
        const std::string_view other = each.entry.title;
        if (other == title || other.size() <= rest.size() || !other.ends_with(rest)) continue;
        if (found && found->rows >= each.entry.rows) continue;
        found = renamed_source{std::string(other.substr(0, other.size() - rest.size())), each.entry.rows,
                               each.entry.complete};
    }
    return found;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
