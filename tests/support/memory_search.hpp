// SPDX-License-Identifier: BSL-1.0
// How often a text stands in the memory of a process. Linux only.
#ifndef ROWFERRY_TESTS_MEMORY_SEARCH_HPP
#define ROWFERRY_TESTS_MEMORY_SEARCH_HPP

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace support {

/// A text that nobody finds in this process: it is kept with each byte inverted.
class masked_text {
public:
    explicit masked_text(std::size_t size) : bytes_(size) {
        std::ifstream random("/dev/urandom", std::ios::binary);
        for (unsigned char& each : bytes_) {
            each = static_cast<unsigned char>(~static_cast<unsigned char>('a' + random.get() % 26));
        }
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] unsigned char at(std::size_t i) const { return static_cast<unsigned char>(~bytes_[i]); }
    /// Appends the text itself.
    void append_to(std::string& to) const {
        for (std::size_t i = 0; i < size(); ++i) to += static_cast<char>(at(i));
    }

private:
    std::vector<unsigned char> bytes_;
};

/// In what a process may write to, its stacks and environment included; none when we may not look.
inline std::optional<std::size_t> occurrences(const masked_text& text, pid_t process) {
    const std::string folder = "/proc/" + std::to_string(process);
    const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) return std::nullopt;
    std::size_t found = 0;
    std::ifstream maps(folder + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields(line);
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string rights;
        fields >> std::hex >> begin >> dash >> end >> rights;
        if (!rights.starts_with("rw")) continue;
        std::vector<unsigned char> bytes(static_cast<std::size_t>(end - begin));
        const auto size = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(begin));
        if (size <= 0) continue;
        bytes.resize(static_cast<std::size_t>(size));
        for (std::size_t i = 0; i + text.size() <= bytes.size(); ++i) {
            std::size_t same = 0;
            while (same < text.size() && bytes[i + same] == text.at(same)) ++same;
            found += same == text.size() ? 1U : 0U;
        }
        std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>(0));
        *static_cast<volatile unsigned char*>(bytes.data()) = 0;
    }
    ::close(memory);
    return found;
}

} // namespace support

#endif
