// SPDX-License-Identifier: BSL-1.0
// Rows with a NULL in a key that may be NULL: several of them may share it, so that they are compared as a multiset and named
// by that key.
#ifndef ROWFERRY_VERIFY_NULL_ROWS_HPP
#define ROWFERRY_VERIFY_NULL_ROWS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/difference.hpp>
#include <rowferry/verify/report.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// The digests of one key's rows that only one side has.
struct null_key_difference {
    key_values key = {};
    std::vector<value> source = {};
    std::vector<value> target = {};

    friend bool operator==(const null_key_difference&, const null_key_difference&) = default;
};
/// Those of all keys, by their encoding.
using null_differences = std::map<std::string, null_key_difference>;

/// Compares the keys and digests that both sides gave.
inline null_differences differing_null_rows(const row_batch& source, const row_batch& target) {
    null_differences all;
    const auto add = [&all](const row_batch& rows, std::vector<value> null_key_difference::*side) {
        const digests_by_key digests(rows);
        for (std::size_t i = 0; i < digests.rows(); ++i) {
            key_values key = digests.key_at(i);
            null_key_difference& one = all[encode_key(key)];
            (one.*side).push_back(digests.digest_at(i));
            one.key = std::move(key);
        }
    };
    add(source, &null_key_difference::source);
    add(target, &null_key_difference::target);
    for (auto& [name, one] : all) {
        std::sort(one.source.begin(), one.source.end());
        std::sort(one.target.begin(), one.target.end());
        std::vector<value> only_source;
        std::vector<value> only_target;
        std::set_difference(one.source.begin(), one.source.end(), one.target.begin(), one.target.end(),
                            std::back_inserter(only_source));
        std::set_difference(one.target.begin(), one.target.end(), one.source.begin(), one.source.end(),
                            std::back_inserter(only_target));
        one.source = std::move(only_source);
        one.target = std::move(only_target);
    }
    std::erase_if(all, [](const auto& one) { return one.second.source.empty() && one.second.target.empty(); });
    return all;
}

/// Judges these rows by several looks, as the rows of other keys are: what differs alike at two looks is a difference.
class null_row_judge {
public:
    null_row_judge(verification& report, std::size_t listed_keys) : report_(report), listed_(listed_keys) {}

    /// Takes one look; whether another one is needed.
    bool take(null_differences now) {
        for (const auto& [name, before] : before_) {
            const auto found = now.find(name);
            if (found == now.end()) {
                add(report_.changed_meanwhile, before);
                report_.changes_meanwhile = true;
            } else if (found->second == before) {
                record(before);
                now.erase(found);
            }
        }
        before_ = std::move(now);
        return !before_.empty();
    }
    /// After the last look: what still differs did so differently each time.
    void conclude() {
        for (const auto& [name, left] : before_) {
            add(report_.undecided, left);
            report_.changes_meanwhile = true;
        }
    }
    /// Differences found.
    [[nodiscard]] std::size_t found() const { return found_; }

private:
    void add(counted_keys& to, const null_key_difference& one) const {
        for (std::size_t i = 0; i < std::max(one.source.size(), one.target.size()); ++i) to.add(one.key, listed_);
    }
    /// Which of the rows with this key became which of the other's cannot be told: as many as there are on both sides changed.
    void record(const null_key_difference& one) {
        const std::size_t most = std::max(one.source.size(), one.target.size());
        for (std::size_t i = 0; i < most; ++i) {
            counted_keys& kind = i >= one.target.size()   ? report_.missing
                                 : i >= one.source.size() ? report_.extra
                                                          : report_.changed;
            kind.add(one.key, listed_);
        }
        found_ += most;
    }

    verification& report_;
    std::size_t listed_;
    null_differences before_ = {};
    std::size_t found_ = 0;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
