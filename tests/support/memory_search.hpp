// SPDX-License-Identifier: BSL-1.0
// How often a text stands in the memory of a process. Linux only.
#ifndef ROWFERRY_TESTS_MEMORY_SEARCH_HPP
#define ROWFERRY_TESTS_MEMORY_SEARCH_HPP

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
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

/// In the private memory that a process may write to, its stacks and environment included; none when we may not look.
inline std::optional<std::size_t> occurrences(const masked_text& text, pid_t process) {
    const std::string folder = "/proc/" + std::to_string(process);
    const int memory = ::open((folder + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
    if (memory < 0) return std::nullopt;
    // What was read is not private memory, else it would be found again.
    constexpr std::size_t window = std::size_t{1} << 20U;
    void* const mapped = ::mmap(nullptr, window, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("memory_search: no memory");
    const auto* bytes = static_cast<const unsigned char*>(mapped);
    std::size_t found = 0;
    std::ifstream maps(folder + "/maps");
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields(line);
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        char dash = 0;
        std::string rights;
        fields >> std::hex >> begin >> dash >> end >> rights;
        if (rights != "rw-p") continue;
        for (std::uint64_t at = begin; at < end; at += window - text.size() + 1) {
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(window, end - at));
            const auto size = ::pread(memory, mapped, wanted, static_cast<off_t>(at));
            if (size <= 0) break;
            for (std::size_t i = 0; i + text.size() <= static_cast<std::size_t>(size); ++i) {
                std::size_t same = 0;
                while (same < text.size() && bytes[i + same] == text.at(same)) ++same;
                found += same == text.size() ? 1U : 0U;
            }
        }
    }
    ::munmap(mapped, window);
    ::close(memory);
    return found;
}

} // namespace support

#endif
