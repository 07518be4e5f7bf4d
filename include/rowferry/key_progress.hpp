// SPDX-License-Identifier: BSL-1.0
// Whether the keys at which pages and ranges end go on: a server that lies may send the copy or the verification round in
// a circle, in which it would never end.
#ifndef ROWFERRY_KEY_PROGRESS_HPP
#define ROWFERRY_KEY_PROGRESS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/table.hpp>

#include <cstdint>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Notices when keys come again, each of which the server said to be after the one before.
///
/// Keys are not compared by their order, which only the server knows. Each is compared with the one before and with one
/// earlier key, which is replaced after 1, 2, 4, 8, … keys (R. P. Brent, An improved Monte Carlo factorization algorithm,
/// 1980). So two keys are kept, and a circle is noticed within three times as many keys as there are in it and before it.
class key_progress {
public:
    /// Takes the next key; false when it came before.
    bool advances_to(const key_values& key) {
        if (keys_ > 0 && (key == last_ || key == earlier_)) return false;
        if (keys_++ == next_) {
            earlier_ = key;
            next_ *= 2;
        }
        last_ = key;
        return true;
    }

private:
    std::uint64_t keys_ = 0;
    std::uint64_t next_ = 1; // how many keys there are when `earlier_` is replaced
    key_values last_;
    key_values earlier_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
