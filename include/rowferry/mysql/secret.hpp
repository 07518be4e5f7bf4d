// SPDX-License-Identifier: BSL-1.0
// A password in memory that is ours: wiped when it is no longer needed.
#ifndef ROWFERRY_MYSQL_SECRET_HPP
#define ROWFERRY_MYSQL_SECRET_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {

/// Overwrites bytes with zeros, also where the compiler sees that nothing reads them afterwards.
inline void wipe(char* bytes, std::size_t size) noexcept {
    volatile char* each = bytes;
    for (std::size_t i = 0; i < size; ++i) each[i] = '\0';
    std::atomic_signal_fence(std::memory_order_seq_cst);
}
/// The same for a string, which is empty then. Its spare capacity is wiped too: a longer text may have stood there.
inline void wipe(std::string& text) noexcept {
    text.resize(text.capacity()); // allocates nothing
    wipe(text.data(), text.size());
    text.clear();
}

namespace detail {
/// Makes a string keep that many characters on the heap from the beginning: neither growing nor moving it then leaves a
/// copy behind that is never wiped.
inline void keep_on_heap(std::string& text, std::size_t size) {
    constexpr std::size_t beyond_small_strings = 64;
    text.reserve(std::max(size, beyond_small_strings));
}
} // namespace detail

/// A password: held once in memory, however often this is copied, and wiped with its last copy.
class secret {
public:
    secret() = default;
    secret(std::string_view text) : size_(text.size()) {
        if (text.empty()) return;
        bytes_ = std::shared_ptr<char[]>(new char[size_], [size = size_](char* bytes) {
            wipe(bytes, size);
            delete[] bytes;
        });
        std::copy(text.begin(), text.end(), bytes_.get());
    }
    secret(const char* text) : secret(std::string_view(text)) {}
    secret(const std::string& text) : secret(std::string_view(text)) {}
    /// Wipes the string that it was taken from.
    secret(std::string&& text) : secret(std::string_view(text)) { wipe(text); }

    /// Valid as long as a copy of this lives.
    [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// Texts are compared as secrets made of them: one overload, so that none is ambiguous.
    friend bool operator==(const secret& a, const secret& b) { return a.view() == b.view(); }

private:
    std::shared_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
