// SPDX-License-Identifier: BSL-1.0
// A password in memory that is ours: wiped when it is no longer needed.
#ifndef ROWFERRY_MYSQL_SECRET_HPP
#define ROWFERRY_MYSQL_SECRET_HPP

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
/// copy behind that nobody wipes.
inline void keep_on_heap(std::string& text, std::size_t size) {
    constexpr std::size_t beyond_small_strings = 64;
    text.reserve(std::max(size, beyond_small_strings));
}
} // namespace detail

/// A password: wiped from memory when it is destroyed or assigned to. Moving it leaves no copy behind.
class secret {
public:
    secret() = default;
    secret(std::string_view text) : bytes_(new char[text.size() + 1]), size_(text.size()) {
        std::copy(text.begin(), text.end(), bytes_.get());
        bytes_[size_] = '\0';
    }
    secret(const char* text) : secret(std::string_view(text)) {}
    secret(const std::string& text) : secret(std::string_view(text)) {}
    /// Wipes the string that it was taken from.
    secret(std::string&& text) : secret(std::string_view(text)) { wipe(text); }
    secret(const secret& other) : secret(other.view()) {}
    secret(secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
    secret& operator=(secret other) noexcept {
        std::swap(bytes_, other.bytes_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~secret() {
        if (bytes_) wipe(bytes_.get(), size_);
    }

    /// Valid while this is neither changed nor destroyed; a NUL follows it.
    [[nodiscard]] std::string_view view() const {
        return bytes_ ? std::string_view(bytes_.get(), size_) : std::string_view("");
    }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    friend bool operator==(const secret& a, const secret& b) { return a.view() == b.view(); }
    friend bool operator==(const secret& a, std::string_view b) { return a.view() == b; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
