// SPDX-License-Identifier: BSL-1.0
// The MySQL protocol as far as a liar needs it: packets, the greeting, the login, and answers as values that a test can change
// before they are sent.
#ifndef ROWFERRY_TESTS_HOSTILE_PROTOCOL_HPP
#define ROWFERRY_TESTS_HOSTILE_PROTOCOL_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostile {

// --- Numbers and strings in packets ---

void put_number(std::string& out, std::uint64_t number, unsigned bytes);
void put_length(std::string& out, std::uint64_t number); ///< a "length-encoded" integer
void put_text(std::string& out, std::string_view text);  ///< its length before it

/// Reads a payload from its front. Past the end everything is 0 or empty, and `failed` is set.
class reader {
public:
    explicit reader(std::string_view payload) : rest_(payload) {}
    std::uint64_t number(unsigned bytes);
    std::uint64_t length();
    std::string bytes(std::size_t count);
    std::string text() { return bytes(static_cast<std::size_t>(length())); }
    std::string text_to_zero();
    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    std::string_view rest_;
    bool failed_ = false;
};

// --- What the protocol calls by number ---

namespace capability {
inline constexpr std::uint64_t long_password = 1; ///< a server that lacks it is a MariaDB with extended capabilities
inline constexpr std::uint64_t connect_with_db = 1U << 3U;
inline constexpr std::uint64_t compress = 1U << 5U;
inline constexpr std::uint64_t local_files = 1U << 7U;
inline constexpr std::uint64_t protocol_41 = 1U << 9U;
inline constexpr std::uint64_t tls = 1U << 11U;
inline constexpr std::uint64_t transactions = 1U << 13U;
inline constexpr std::uint64_t secure_connection = 1U << 15U;
inline constexpr std::uint64_t multi_statements = 1U << 16U;
inline constexpr std::uint64_t multi_results = 1U << 17U;
inline constexpr std::uint64_t plugin_auth = 1U << 19U;
inline constexpr std::uint64_t connect_attributes = 1U << 20U;
inline constexpr std::uint64_t lenenc_auth = 1U << 21U;
inline constexpr std::uint64_t session_track = 1U << 23U;
inline constexpr std::uint64_t deprecate_eof = 1U << 24U;
inline constexpr std::uint64_t optional_metadata = 1U << 25U;
inline constexpr std::uint64_t zstd = 1U << 26U;
inline constexpr std::uint64_t query_attributes = 1U << 27U;
inline constexpr std::uint64_t bulk_operations = std::uint64_t{1} << 34U; ///< MariaDB's extended ones start at 32
} // namespace capability

namespace status {
inline constexpr unsigned in_transaction = 1;
inline constexpr unsigned autocommit = 2;
inline constexpr unsigned more_results = 8;
} // namespace status

enum class command : std::uint8_t {
    quit = 0x01,
    init_db = 0x02,
    query = 0x03,
    ping = 0x0e,
    prepare = 0x16,
    execute = 0x17,
    long_data = 0x18,
    close = 0x19,
    reset = 0x1a,
    bulk_execute = 0xfa
};

// --- Answers ---

struct column {
    std::string name;
    unsigned type = 253;   ///< VARCHAR
    unsigned charset = 63; ///< binary
    unsigned flags = 0;
};
using cells = std::vector<std::optional<std::string>>;

/// What a server says to one statement: honest when it comes from a database, and a lie when a rule has changed it.
struct answer {
    enum class kind : std::uint8_t { ok, error, rows, file, packets, silence, hang_up };
    kind is = kind::ok;

    // ok, and the end of rows
    std::uint64_t affected = 0;
    unsigned status = status::autocommit;
    unsigned warnings = 0;
    std::string info{};

    // error
    unsigned code = 0;
    std::string state = "HY000";
    std::string message{};

    // rows
    std::vector<column> columns{};
    std::vector<cells> rows{};
    std::optional<std::uint64_t> announced_columns{}; ///< another number than there are definitions
    std::uint64_t repeat_rows = 1;                    ///< `forever`: until the client has had enough
    bool is_binary = false;                           ///< rows of a prepared statement

    // file: the name that is asked for. packets: payloads as they stand.
    std::string file_name{};
    std::vector<std::string> payloads{};

    // How it is sent.
    std::chrono::milliseconds delay{0};    ///< before anything
    std::chrono::milliseconds per_byte{0}; ///< one byte at a time
    /// Changes the payloads: drop, repeat, cut short.
    std::function<void(std::vector<std::string>&)> edit{};
    /// Cuts the connection after this many bytes of the answer, headers included.
    std::optional<std::size_t> cut_after{};
    /// The sequence numbers go on from here instead of 1.
    std::optional<unsigned> first_number{};

    static constexpr std::uint64_t forever = ~std::uint64_t{0};

    static answer done(std::uint64_t affected = 0) {
        answer a;
        a.affected = affected;
        return a;
    }
    static answer failure(unsigned code, std::string message, std::string state = "HY000") {
        answer a;
        a.is = kind::error;
        a.code = code;
        a.message = std::move(message);
        a.state = std::move(state);
        return a;
    }
    /// Rows; each column is a VARCHAR of this name.
    static answer table(const std::vector<std::string>& names, std::vector<cells> rows) {
        answer a;
        a.is = kind::rows;
        for (const std::string& name : names) a.columns.push_back({name});
        a.rows = std::move(rows);
        return a;
    }
    static answer file_request(std::string name) {
        answer a;
        a.is = kind::file;
        a.file_name = std::move(name);
        return a;
    }
    static answer no_answer() {
        answer a;
        a.is = kind::silence;
        return a;
    }
    static answer closed() {
        answer a;
        a.is = kind::hang_up;
        return a;
    }
};

/// The payloads of an answer, in order; the rows once.
std::vector<std::string> encode(const answer& a);
std::string encode_ok(const answer& a, unsigned header = 0x00);
std::string encode_end(const answer& a);
std::string encode_row(const answer& a, const cells& row);
std::string encode_column(const column& c);
std::string encode_error(const answer& a);

/// Reads one answer to a statement, payload by payload, as a client does that announced neither `deprecate_eof` nor
/// `session_track`.
answer decode(const std::function<std::string()>& next_payload);
/// Reads the answer to COM_STMT_PREPARE, as raw payloads or an error.
answer decode_prepared(const std::function<std::string()>& next_payload);

// --- The greeting and the login ---

struct greeting {
    std::string version = "5.5.5-10.11.6-MariaDB";
    std::uint32_t connection_id = 7;
    std::string nonce = "12345678abcdefghijkl"; ///< 20 bytes
    std::uint64_t capabilities = capability::connect_with_db | capability::local_files | capability::protocol_41 |
                                 capability::transactions | capability::secure_connection |
                                 capability::multi_statements | capability::multi_results | capability::plugin_auth;
    unsigned status = status::autocommit;
    std::string plugin = "mysql_native_password";
};
std::string encode(const greeting& g);
/// Takes capabilities out of a greeting that a real server sent, and adds some.
void change_capabilities(std::string& greeting_payload, std::uint64_t without, std::uint64_t with = 0);

/// What a client said in its login.
struct login {
    std::uint64_t capabilities = 0;
    std::string user;
    std::string response; ///< to the nonce
    std::string database;
    std::string plugin;
    bool over_tls = false;
};
login decode_login(std::string_view payload);

std::string ask_for_plugin(std::string_view plugin, std::string_view data);
/// The one byte that asks for the password by the plugin of before 4.1.
inline std::string ask_for_old_password() { return "\xfe"; }
/// "More data": what caching_sha2_password's states travel in.
inline std::string more_data(std::string_view data) { return "\x01" + std::string(data); }

} // namespace hostile

#endif
