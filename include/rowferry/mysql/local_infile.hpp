// SPDX-License-Identifier: BSL-1.0
// What a server gets when it asks the client for a file: the text of a load of ours that is under way, or a refusal. The
// name that it asks for is never looked at, and no file is ever opened: a hostile server may ask for any of them, in
// answer to any statement.
#ifndef ROWFERRY_MYSQL_LOCAL_INFILE_HPP
#define ROWFERRY_MYSQL_LOCAL_INFILE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <mysql.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The one text that a connection may be asked for. Its address is what the client library holds on to.
class local_infile {
public:
    local_infile() = default;
    local_infile(const local_infile&) = delete;
    local_infile& operator=(const local_infile&) = delete;

    /// Makes this the only source of a handle's files; the handle must not outlive it.
    void install_on(MYSQL* handle) { mysql_set_local_infile_handler(handle, begin, read, end, fail, this); }

    /// Serves the text once, until `withdraw`; it has to live so long.
    void offer(std::string_view text) {
        rest_ = text;
        is_offered_ = true;
    }
    void withdraw() { is_offered_ = false; }

    /// Offers a text for as long as it lives.
    class offered {
    public:
        offered(local_infile& source, std::string_view text) : source_(source) { source_.offer(text); }
        offered(const offered&) = delete;
        offered& operator=(const offered&) = delete;
        ~offered() { source_.withdraw(); }

    private:
        local_infile& source_;
    };

    // What the client library calls.
    static int begin(void** state, const char* /*name*/, void* self) {
        auto& source = *static_cast<local_infile*>(self);
        *state = self;
        const bool serves = source.is_offered_;
        source.is_offered_ = false; // once: a second question is none of ours
        return serves ? 0 : 1;
    }
    static int read(void* state, char* buffer, unsigned size) {
        std::string_view& rest = static_cast<local_infile*>(state)->rest_;
        constexpr std::size_t most = 1U << 30U; // what the result can say
        const std::size_t length = std::min({rest.size(), static_cast<std::size_t>(size), most});
        std::memcpy(buffer, rest.data(), length);
        rest.remove_prefix(length);
        return static_cast<int>(length);
    }
    static void end(void* /*state*/) {}
    static int fail(void* /*state*/, char* message, unsigned size) {
        constexpr std::string_view text = "the server asked for a file of this client, which it does not get";
        if (size > 0) {
            const std::size_t length = std::min(text.size(), static_cast<std::size_t>(size) - 1);
            std::memcpy(message, text.data(), length);
            message[length] = '\0';
        }
        constexpr int rejected = 2068; // Oracle's library has it for files that the client does not give
        return rejected;
    }

private:
    std::string_view rest_;
    bool is_offered_ = false;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
