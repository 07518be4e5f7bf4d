// SPDX-License-Identifier: BSL-1.0
// Rows that differ: found by comparing digests by their keys, as sets, so that no order of keys matters here.
#ifndef ROWFERRY_VERIFY_DIFFERENCE_HPP
#define ROWFERRY_VERIFY_DIFFERENCE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/digest.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A key whose rows are not the same on both sides, as far as the last look tells.
struct suspect {
    key_values key = {};
    value source = {}; ///< the digest of the source's row; none when it has none
    value target = {};
    unsigned looks = 1;
};

/// What is wrong with a row that was looked at twice.
enum class difference_kind { missing, extra, changed };

struct row_difference {
    difference_kind kind;
    key_values key;
};

/// The rows that `digests` gives, by their keys.
class digests_by_key {
public:
    explicit digests_by_key(const row_batch& rows) : rows_(rows) {
        for (std::size_t i = 0; i < rows.rows(); ++i) places_.emplace(encode_key(key_at(i)), i);
    }
    [[nodiscard]] key_values key_at(std::size_t row) const {
        key_values key;
        for (std::size_t i = 0; i + 1 < rows_.columns(); ++i) key.push_back(rows_.at(row, i).to_value());
        return key;
    }
    [[nodiscard]] value digest_at(std::size_t row) const { return rows_.at(row, rows_.columns() - 1).to_value(); }
    /// The digest of the row whose key has exactly these bytes.
    [[nodiscard]] value find(const key_values& key) const {
        const auto found = places_.find(encode_key(key));
        return found == places_.end() ? value{} : digest_at(found->second);
    }
    [[nodiscard]] std::size_t rows() const { return rows_.rows(); }
    [[nodiscard]] bool repeats_key() const { return places_.size() < rows_.rows(); }

private:
    const row_batch& rows_;
    std::map<std::string, std::size_t> places_;
};

/// What the digests of one range say.
struct range_difference {
    std::vector<suspect> rows = {}; ///< the keys whose digests differ, or that only one side has
    bool repeats_key = false;       ///< a side has several rows of one key, which `rows` cannot tell apart
};

inline range_difference differing_rows(const row_batch& source_rows, const row_batch& target_rows) {
    const digests_by_key source(source_rows);
    const digests_by_key target(target_rows);
    range_difference difference{{}, source.repeats_key() || target.repeats_key()};
    std::vector<suspect>& found = difference.rows;
    for (std::size_t i = 0; i < source.rows(); ++i) {
        suspect s{source.key_at(i), source.digest_at(i), {}};
        s.target = target.find(s.key);
        if (s.source != s.target) found.push_back(std::move(s));
    }
    for (std::size_t i = 0; i < target.rows(); ++i) {
        suspect s{target.key_at(i), {}, target.digest_at(i)};
        if (!source.find(s.key)) found.push_back(std::move(s));
    }
    return difference;
}

/// The row that a server has for a key.
struct found_row {
    value digest = {};                 ///< none when there is no such row
    bool is_spelled_otherwise = false; ///< its key is equal by the server's collation, and has other bytes
};

/// The digests of rows, from their server, or with `OfRead` of what is read from it.
template <bool OfRead, class C>
result<void> digests_from(C& c, const digest_request& scope, const std::vector<key_values>& keys, row_batch& into) {
    if constexpr (OfRead) {
        return digests_of_read(c, scope, keys, into);
    } else {
        return c.digests(scope, keys, into);
    }
}

/// Looks keys up on one server, which compares them; the answers correspond to the keys by position.
template <bool OfRead, class Manager>
result<std::vector<found_row>> look_up(Manager& server, const digest_request& scope,
                                       const std::vector<key_values>& keys) {
    using connection = typename Manager::connection_type;
    row_batch rows;
    auto ask = [&](const std::vector<key_values>& wanted) {
        return server.run("digests", [&](connection& c) { return digests_from<OfRead>(c, scope, wanted, rows); });
    };
    std::vector<found_row> found(keys.size());
    std::vector<std::size_t> rest; // keys that no row has with exactly these bytes
    std::vector<key_values> rest_of_keys;
    if (auto asked = ask(keys); !asked) return std::move(asked.error());
    const digests_by_key by_key(rows);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        found[i].digest = by_key.find(keys[i]);
        if (found[i].digest) continue;
        rest.push_back(i);
        rest_of_keys.push_back(keys[i]);
    }
    if (rest.empty() || rows.empty()) return found;
    if (auto asked = ask(rest_of_keys); !asked) return std::move(asked.error());
    if (rows.empty()) return found;
    for (std::size_t i : rest) { // some are equal to a key of other bytes: which?
        if (auto asked = ask({keys[i]}); !asked) return std::move(asked.error());
        if (!rows.empty()) found[i] = {digests_by_key(rows).digest_at(0), true};
    }
    return found;
}

/// Judges a key by a second look. None when it is no difference, or none yet: then `still_moves` says whether it changed
/// between the looks and differs all the same.
inline std::optional<difference_kind> judge(const suspect& before, const found_row& source, const found_row& target,
                                            bool& still_moves) {
    still_moves = false;
    if (source.digest == target.digest) return std::nullopt;
    // A row that the servers take for the same one, under a key of other bytes, is named once: by the source's key.
    if (source.is_spelled_otherwise) return std::nullopt;
    if (target.is_spelled_otherwise) return difference_kind::changed;
    if (source.digest != before.source || target.digest != before.target) {
        still_moves = true;
        return std::nullopt;
    }
    return !target.digest   ? difference_kind::missing
           : !source.digest ? difference_kind::extra
                            : difference_kind::changed;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
