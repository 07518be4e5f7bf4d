// SPDX-License-Identifier: BSL-1.0
#include "protocol.hpp"

#include <algorithm>

namespace hostile {

void put_number(std::string& out, std::uint64_t number, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8U * i) & 0xffU);
}

void put_length(std::string& out, std::uint64_t number) {
    if (number < 251) return put_number(out, number, 1);
    const unsigned bytes = number < 0x10000U ? 2 : number < 0x1000000U ? 3 : 8;
    out += static_cast<char>(bytes == 2 ? 0xfc : bytes == 3 ? 0xfd : 0xfe);
    put_number(out, number, bytes);
}

void put_text(std::string& out, std::string_view text) {
    put_length(out, text.size());
    out += text;
}

std::uint64_t reader::number(unsigned count) {
    std::uint64_t n = 0;
    const std::string taken = bytes(count);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        n |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[i])) << (8U * i);
    }
    return n;
}

std::uint64_t reader::length() {
    const std::uint64_t first = number(1);
    switch (first) {
    case 0xfc: return number(2);
    case 0xfd: return number(3);
    case 0xfe: return number(8);
    default: return first;
    }
}

std::string reader::bytes(std::size_t count) {
    if (count > rest_.size()) {
        failed_ = true;
        count = rest_.size();
    }
    std::string taken(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return taken;
}

std::string reader::text_to_zero() {
    const std::size_t end = std::min(rest_.find('\0'), rest_.size());
    std::string taken(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return taken;
}

// --- Answers ---

std::string encode_ok(const answer& a, unsigned header) {
    std::string out(1, static_cast<char>(header));
    put_length(out, a.affected);
    put_length(out, 0); // the last id
    put_number(out, a.status, 2);
    put_number(out, a.warnings, 2);
    if (!a.info.empty()) put_text(out, a.info);
    return out;
}

std::string encode_end(const answer& a) {
    std::string out = "\xfe";
    put_number(out, a.warnings, 2);
    put_number(out, a.status, 2);
    return out;
}

std::string encode_error(const answer& a) {
    std::string out = "\xff";
    put_number(out, a.code, 2);
    return out + "#" + a.state + a.message;
}

std::string encode_column(const column& c) {
    std::string out;
    put_text(out, "def");
    for (const char* empty : {"", "", ""}) put_text(out, empty); // schema, table, original table
    put_text(out, c.name);
    put_text(out, c.name);
    put_length(out, 12);
    put_number(out, c.charset, 2);
    put_number(out, 1024, 4); // how wide it is shown
    put_number(out, c.type, 1);
    put_number(out, c.flags, 2);
    put_number(out, 0, 3); // decimals, and two bytes of filler
    return out;
}

std::string encode_row(const answer& a, const cells& row) {
    std::string out;
    if (a.is_binary) {
        out += '\0';
        std::string nulls((row.size() + 9) / 8, '\0');
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!row[i]) nulls[(i + 2) / 8] = static_cast<char>(nulls[(i + 2) / 8] | 1 << (i + 2) % 8);
        }
        out += nulls;
    }
    for (const auto& cell : row) {
        if (cell) {
            put_text(out, *cell);
        } else if (!a.is_binary) {
            out += '\xfb';
        }
    }
    return out;
}

std::vector<std::string> encode(const answer& a) {
    std::vector<std::string> out;
    switch (a.is) {
    case answer::kind::ok: out.push_back(encode_ok(a)); break;
    case answer::kind::error: out.push_back(encode_error(a)); break;
    case answer::kind::file: out.push_back("\xfb" + a.file_name); break;
    case answer::kind::packets: out = a.payloads; break;
    case answer::kind::rows: {
        answer middle = a;
        middle.status &= ~status::more_results;
        std::string count;
        put_length(count, a.announced_columns.value_or(a.columns.size()));
        out.push_back(count);
        for (const column& c : a.columns) out.push_back(encode_column(c));
        out.push_back(encode_end(middle));
        for (const cells& row : a.rows) out.push_back(encode_row(a, row));
        out.push_back(encode_end(a));
        break;
    }
    case answer::kind::silence:
    case answer::kind::hang_up: break;
    }
    return out;
}

namespace {

bool is_end(std::string_view payload) { return payload.size() < 9 && !payload.empty() && payload[0] == '\xfe'; }

answer decode_error(std::string_view payload) {
    reader in(payload);
    in.number(1);
    answer a;
    a.is = answer::kind::error;
    a.code = static_cast<unsigned>(in.number(2));
    if (!in.rest().empty() && in.rest()[0] == '#') {
        in.bytes(1);
        a.state = in.bytes(5);
    }
    a.message = std::string(in.rest());
    return a;
}

answer decode_ok(std::string_view payload) {
    reader in(payload);
    in.number(1);
    answer a;
    a.affected = in.length();
    in.length();
    a.status = static_cast<unsigned>(in.number(2));
    a.warnings = static_cast<unsigned>(in.number(2));
    if (!in.rest().empty()) a.info = in.text();
    return a;
}

column decode_column(std::string_view payload) {
    reader in(payload);
    for (int i = 0; i < 4; ++i) in.text(); // catalog, schema, table, original table
    column c;
    c.name = in.text();
    in.text();
    in.length();
    c.charset = static_cast<unsigned>(in.number(2));
    in.number(4);
    c.type = static_cast<unsigned>(in.number(1));
    c.flags = static_cast<unsigned>(in.number(2));
    return c;
}

} // namespace

answer decode(const std::function<std::string()>& next_payload) {
    const std::string first = next_payload();
    if (first.empty()) return answer::closed();
    switch (static_cast<unsigned char>(first[0])) {
    case 0x00: return decode_ok(first);
    case 0xff: return decode_error(first);
    case 0xfb: return answer::file_request(first.substr(1));
    default: break;
    }
    answer a;
    a.is = answer::kind::rows;
    reader in(first);
    const std::uint64_t columns = in.length();
    for (std::uint64_t i = 0; i < columns; ++i) a.columns.push_back(decode_column(next_payload()));
    next_payload(); // the end of the definitions
    for (;;) {
        const std::string payload = next_payload();
        if (payload.empty()) return answer::closed();
        if (payload[0] == '\xff') return decode_error(payload);
        if (is_end(payload)) {
            reader end(payload);
            end.number(1);
            a.warnings = static_cast<unsigned>(end.number(2));
            a.status = static_cast<unsigned>(end.number(2));
            return a;
        }
        reader row(payload);
        cells values;
        for (std::uint64_t i = 0; i < columns; ++i) {
            if (!row.rest().empty() && row.rest()[0] == '\xfb') {
                row.bytes(1);
                values.emplace_back();
            } else {
                values.emplace_back(row.text());
            }
        }
        a.rows.push_back(std::move(values));
    }
}

answer decode_prepared(const std::function<std::string()>& next_payload) {
    const std::string first = next_payload();
    if (first.empty()) return answer::closed();
    if (first[0] == '\xff') return decode_error(first);
    answer a;
    a.is = answer::kind::packets;
    a.payloads.push_back(first);
    reader in(first);
    in.bytes(5); // header, statement
    const std::uint64_t columns = in.number(2);
    const std::uint64_t parameters = in.number(2);
    for (const std::uint64_t count : {parameters, columns}) {
        for (std::uint64_t i = 0; count > 0 && i <= count; ++i) a.payloads.push_back(next_payload()); // and their end
    }
    return a;
}

// --- The greeting and the login ---

std::string encode(const greeting& g) {
    std::string out = "\x0a" + g.version + '\0';
    put_number(out, g.connection_id, 4);
    out += g.nonce.substr(0, 8) + '\0';
    put_number(out, g.capabilities, 2);
    put_number(out, 45, 1); // utf8mb4
    put_number(out, g.status, 2);
    put_number(out, g.capabilities >> 16U, 2);
    put_number(out, g.nonce.size() + 1, 1);
    put_number(out, 0, 6);
    put_number(out, g.capabilities >> 32U, 4);
    out += g.nonce.substr(8) + '\0';
    return out + g.plugin + '\0';
}

void change_capabilities(std::string& payload, std::uint64_t without, std::uint64_t with) {
    const std::size_t low = payload.find('\0') + 1 + 4 + 8 + 1;
    const std::size_t high = low + 2 + 1 + 2;
    const std::size_t extended = high + 2 + 1 + 6;
    if (payload.size() < extended + 4) return;
    auto change = [&](std::size_t at, unsigned shift, unsigned bytes) {
        for (unsigned i = 0; i < bytes; ++i) {
            const auto old = static_cast<unsigned char>(payload[at + i]);
            payload[at + i] =
                static_cast<char>((old & ~(without >> (shift + 8U * i))) | (with >> (shift + 8U * i) & 0xffU));
        }
    };
    change(low, 0, 2);
    change(high, 16, 2);
    change(extended, 32, 4);
}

login decode_login(std::string_view payload) {
    reader in(payload);
    login l;
    l.capabilities = in.number(4);
    in.bytes(4 + 1 + 19); // the longest packet, the charset, filler
    l.capabilities |= in.number(4) << 32U;
    l.user = in.text_to_zero();
    l.response = (l.capabilities & capability::lenenc_auth) != 0 ? in.text() : in.bytes(in.number(1));
    if ((l.capabilities & capability::connect_with_db) != 0) l.database = in.text_to_zero();
    if ((l.capabilities & capability::plugin_auth) != 0) l.plugin = in.text_to_zero();
    return l;
}

std::string ask_for_plugin(std::string_view plugin, std::string_view data) {
    return "\xfe" + std::string(plugin) + '\0' + std::string(data) + '\0';
}

} // namespace hostile
