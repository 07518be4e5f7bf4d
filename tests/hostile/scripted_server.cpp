// SPDX-License-Identifier: BSL-1.0
#include "scripted_server.hpp"

#include <chrono>
#include <cstddef>
#include <thread>

namespace hostile {

rule when(std::string part, std::function<void(answer&)> change) {
    return [part = std::move(part), change = std::move(change)](const call& c, answer& a) {
        if (c.sql.find(part) != std::string::npos) change(a);
    };
}

rule when(std::string part, answer lie) {
    return when(std::move(part), [lie = std::move(lie)](answer& a) { a = lie; });
}

rule when_nth(unsigned n, std::string part, std::function<void(answer&)> change) {
    auto seen = std::make_shared<std::atomic<unsigned>>(0U);
    return [n, seen, part = std::move(part), change = std::move(change)](const call& c, answer& a) {
        if (c.sql.find(part) != std::string::npos && ++*seen == n) change(a);
    };
}

interception swallow(std::string beginning, answer instead) {
    return [beginning = std::move(beginning), instead = std::move(instead)](const call& c) {
        return c.sql.starts_with(beginning) ? std::optional(instead) : std::nullopt;
    };
}

gate let_in() {
    return [](channel& client, const login& l, journal&) {
        const std::string native = "mysql_native_password";
        // As servers do with a client that begins by another plugin.
        const bool switches = !l.plugin.empty() && l.plugin != native;
        if (switches && (!client.write(ask_for_plugin(native, "12345678abcdefghijkl")) || !client.read())) return false;
        return client.write(encode_ok(answer::done()));
    };
}

namespace {

/// Sends a question and keeps the reply; none when the client has left.
std::optional<std::string> ask(channel& client, journal& heard, const std::string& question) {
    if (!client.write(question)) return std::nullopt;
    auto reply = client.read();
    if (reply) heard.add_reply(*reply);
    return reply;
}

} // namespace

gate switch_to(std::string plugin, std::string data) {
    return [question = ask_for_plugin(plugin, data)](channel& client, const login&, journal& heard) {
        return ask(client, heard, question) && client.write(encode_ok(answer::done()));
    };
}

gate ask_by_old_password() {
    return [](channel& client, const login&, journal& heard) {
        return ask(client, heard, ask_for_old_password()) && client.write(encode_ok(answer::done()));
    };
}

gate full_authentication() {
    return [](channel& client, const login& l, journal& heard) {
        // The hash that answers the switch is what this plugin always sends.
        if (l.plugin != "caching_sha2_password" &&
            (!client.write(ask_for_plugin("caching_sha2_password", "12345678abcdefghijkl")) || !client.read())) {
            return false;
        }
        auto reply = ask(client, heard, more_data("\x04"));
        if (reply && *reply == "\x02") reply = ask(client, heard, more_data(self_signed().public_key));
        return reply && client.write(encode_ok(answer::done()));
    };
}

gate send_away(unsigned code, std::string message) {
    return [code, message = std::move(message)](channel& client, const login&, journal&) {
        client.write(encode_error(answer::failure(code, message, "28000")));
        return false;
    };
}

// --- The journal ---

void journal::add(const call& c) {
    const std::lock_guard lock(mutex_);
    if (!c.sql.empty()) statements_.push_back(c.sql);
}
void journal::add_login(const login& l) {
    const std::lock_guard lock(mutex_);
    logins_.push_back(l);
}
void journal::add_reply(const std::string& reply) {
    const std::lock_guard lock(mutex_);
    replies_.push_back(reply);
}
std::vector<std::string> journal::replies() const {
    const std::lock_guard lock(mutex_);
    return replies_;
}
void journal::add_bytes(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
}
void journal::add_file(const std::vector<std::string>& pieces) {
    const std::lock_guard lock(mutex_);
    for (const std::string& each : pieces) files_ += each;
}
std::string journal::files() const {
    const std::lock_guard lock(mutex_);
    return files_;
}
std::vector<std::string> journal::statements() const {
    const std::lock_guard lock(mutex_);
    return statements_;
}
std::vector<login> journal::logins() const {
    const std::lock_guard lock(mutex_);
    return logins_;
}
std::string journal::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}
unsigned journal::count(std::string_view part) const {
    unsigned found = 0;
    for (const std::string& each : statements()) found += each.find(part) != std::string::npos ? 1U : 0U;
    return found;
}

// --- Sending ---

namespace {

bool send_slowly(channel& to, std::string_view bytes, std::chrono::milliseconds pause) {
    for (const char c : bytes) {
        std::this_thread::sleep_for(pause);
        if (!to.write_raw(std::string_view(&c, 1))) return false;
    }
    return true;
}

/// The head of an endless answer, and then its rows until the client hangs up; a limit keeps a broken client bounded.
bool send_forever(channel& to, const answer& a) {
    constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30U;
    constexpr std::size_t at_once = 1U << 16U;
    std::vector<std::string> head = encode(a);
    head.pop_back();
    const auto first_row = head.end() - static_cast<std::ptrdiff_t>(a.rows.size());
    std::vector<std::string> rows(first_row, head.end());
    head.erase(first_row, head.end());
    if (!to.write(head) || rows.empty()) return false;
    std::size_t bytes = 0;
    for (const std::string& row : rows) bytes += row.size() + 4;
    const std::size_t repeats = 1 + at_once / bytes;
    const std::vector<std::string> once = rows;
    for (std::size_t i = 1; i < repeats; ++i) rows.insert(rows.end(), once.begin(), once.end());
    for (std::uint64_t sent = 0; sent < most_bytes; sent += repeats * bytes) {
        if (!to.write_raw(to.frame(rows))) return false;
    }
    return false;
}

} // namespace

bool send(channel& to, const answer& a) {
    if (a.delay.count() > 0) std::this_thread::sleep_for(a.delay);
    if (a.is == answer::kind::hang_up) return false;
    if (a.is == answer::kind::silence) {
        to.read(); // nothing comes but the client's end
        return false;
    }
    if (a.first_number) to.set_next_number(*a.first_number);
    if (a.is == answer::kind::rows && a.repeat_rows == answer::forever) return send_forever(to, a);
    std::vector<std::string> payloads = encode(a);
    if (a.edit) a.edit(payloads);
    std::string bytes = to.frame(payloads);
    if (a.cut_after && *a.cut_after < bytes.size()) bytes.resize(*a.cut_after);
    const bool sent = a.per_byte.count() > 0 ? send_slowly(to, bytes, a.per_byte) : to.write_raw(bytes);
    return sent && !a.cut_after;
}

call call_in(std::string_view payload, unsigned number, unsigned connection) {
    call c;
    c.number = number;
    c.connection = connection;
    if (payload.empty()) return c;
    c.what = static_cast<command>(static_cast<unsigned char>(payload[0]));
    if (c.what == command::query || c.what == command::prepare) c.sql = payload.substr(1);
    return c;
}

void converse(channel& client, const honest_side& honest, const lies& l, journal& heard, unsigned connection,
              std::atomic<unsigned>& calls) {
    while (const auto payload = client.read()) {
        const call c = call_in(*payload, calls++, connection);
        heard.add(c);
        if (c.what == command::quit || c.what == command::close || c.what == command::long_data) {
            honest.tell(*payload);
            if (c.what == command::quit) return;
            continue;
        }
        std::optional<answer> a;
        for (const interception& each : l.instead) {
            if (!a) a = each(c);
        }
        if (!a) a = honest.ask(*payload, c);
        for (const rule& each : l.rules) each(c, *a);
        if (!send(client, *a)) return;
        if (a->is != answer::kind::file) continue;
        std::vector<std::string> pieces;
        do {
            auto piece = client.read();
            if (!piece) return;
            pieces.push_back(std::move(*piece));
        } while (!pieces.back().empty());
        heard.add_file(pieces);
        answer loaded = honest.load(pieces);
        for (const rule& each : l.rules) each(c, loaded);
        if (!send(client, loaded)) return;
    }
}

// --- The server ---

scripted_server::scripted_server(tiny_database& database, lies l) : database_(database), lies_(std::move(l)) {
    if (!lies_.login) lies_.login = let_in();
    listener_ = std::make_unique<listener>([this](channel& client) {
        serve(client);
        journal_.add_bytes(client.received());
    });
}

std::string scripted_server::uri(const std::string& options, const std::string& password) const {
    return "mysql://ferry:" + password + "@127.0.0.1:" + std::to_string(port()) + "/" + database_.name() +
           (options.empty() ? "" : "?" + options);
}

void scripted_server::serve(channel& client) {
    tiny_database::session session;
    session.id = ++connections_;
    greeting hello;
    hello.connection_id = static_cast<std::uint32_t>(session.id);
    if (lies_.offers_tls) hello.capabilities |= capability::tls;
    if (lies_.greet) lies_.greet(hello);
    if (!client.write(encode(hello))) return;
    auto said = client.read();
    constexpr std::size_t tls_request = 32;
    bool over_tls = false;
    if (said && said->size() == tls_request && lies_.offers_tls) {
        std::this_thread::sleep_for(lies_.tls_delay);
        if (!client.accept_tls(lies_.named_elsewhere ? self_signed_elsewhere() : self_signed())) return;
        over_tls = true;
        said = client.read();
    }
    if (!said) return;
    login l = decode_login(*said);
    l.over_tls = over_tls;
    journal_.add_login(l);
    if (!lies_.login(client, l, journal_)) return;
    const honest_side side{[&](const std::string& payload, const call& c) { return honest(session, payload, c); },
                           [](const std::vector<std::string>&) { return answer::done(); }, [](const std::string&) {}};
    converse(client, side, lies_, journal_, static_cast<unsigned>(session.id), calls_);
    database_.leave(session);
}

answer scripted_server::honest(tiny_database::session& session, const std::string& payload, const call& c) {
    switch (c.what) {
    case command::query: return database_.ask(session, c.sql);
    case command::prepare: return database_.prepare(session, c.sql);
    case command::bulk_execute: return database_.execute_bulk(session, payload);
    case command::ping:
    case command::init_db:
    case command::reset: return answer::done();
    default: return answer::failure(1047, "Unknown command", "08S01");
    }
}

} // namespace hostile
