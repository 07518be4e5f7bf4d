// SPDX-License-Identifier: BSL-1.0
// A MariaDB or MySQL server of the test's own: in a temporary folder, on a loopback port, gone with the test.
#ifndef ROWFERRY_TESTS_PRIVATE_SERVER_HPP
#define ROWFERRY_TESTS_PRIVATE_SERVER_HPP

#include "child_process.hpp"
#include "sequence_tables.hpp"
#include "server_product.hpp"

#include <mysql.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// A private server. The constructor makes and starts it, the destructor stops it and removes its folder; both also
/// happen when the test process is killed. Reads no option file and touches no other server. What fails throws
/// `std::runtime_error` with the server's own words.
class private_server {
public:
    using row = std::vector<std::optional<std::string>>;

    /// Further options go to the server, as "--max-allowed-packet=1M".
    explicit private_server(std::vector<std::string> server_options = {}, product which = target_product())
        : options_(std::move(server_options)), product_(which) {
        // A temporary folder of its own: a server that starts removes the temporary tables of others in a shared one.
        ::mkdir((folder_.path() + "/tmp").c_str(), 0700);
        install_server(product_, folder_.path());
        std::ofstream(folder_.path() + "/init.sql") << first_statements(product_, password_);
        start();
    }
    explicit private_server(product which) : private_server({}, which) {}
    private_server(const private_server&) = delete;
    private_server& operator=(const private_server&) = delete;
    ~private_server() { stop(); }

    /// Starts the server on its port, after `stop` or `kill`, and waits until it answers.
    void start() {
        if (server_.running()) return;
        constexpr int ports_to_try = 5; // somebody else may take a port that was just seen free
        for (int i = 1; !launch(); ++i) {
            if (was_up_ || i == ports_to_try) {
                throw std::runtime_error(std::string(name_of(product_)) + " does not start on port " +
                                         std::to_string(port_) + ": " + log_tail());
            }
            port_ = 0;
        }
        was_up_ = true;
    }
    /// An orderly shutdown; after 30 s, SIGKILL.
    void stop() noexcept { server_.end(SIGTERM, std::chrono::seconds(30)); }
    /// SIGKILL, as a crash.
    void kill() noexcept { server_.end(SIGKILL, std::chrono::seconds(30)); }

    [[nodiscard]] bool is_mysql() const { return product_ == product::mysql; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string socket() const { return folder_.path() + "/socket"; }
    [[nodiscard]] std::string data_folder() const { return folder_.path() + "/data"; }
    [[nodiscard]] static std::string user() { return "ferry"; }
    [[nodiscard]] const std::string& password() const { return password_; }
    /// "mysql://ferry:password@127.0.0.1:port/database", with what it takes to log in.
    [[nodiscard]] std::string uri(std::string_view database) const { return uri_without_options(database) + options(); }
    /// The same where the test adds options of its own.
    [[nodiscard]] std::string uri_without_options(std::string_view database) const {
        return "mysql://" + user() + ":" + password_ + "@127.0.0.1:" + std::to_string(port_) + "/" +
               std::string(database);
    }
    /// MySQL's accounts hand over the password: without TLS, encrypted by the key that the server made for itself.
    [[nodiscard]] std::string options() const {
        return is_mysql() ? "?ssl-mode=disabled&server-public-key=" + data_folder() + "/public_key.pem" : "";
    }

    /// Runs statements, separated by semicolons, as root in a utf8mb4 session with the server's default settings.
    void execute(std::string_view sql, std::string_view database = {}) const { run(sql, database, nullptr); }
    /// Whether the server carried the statement out.
    [[nodiscard]] bool try_execute(std::string_view sql) const {
        try {
            execute(sql);
        } catch (const std::exception&) {
            return false;
        }
        return true;
    }
    /// The rows of one statement, run in the same way.
    [[nodiscard]] std::vector<row> query(std::string_view sql, std::string_view database = {}) const {
        std::vector<row> rows;
        run(sql, database, &rows);
        return rows;
    }
    /// The first cell of the first row; "NULL" for NULL and for no rows.
    [[nodiscard]] std::string value(std::string_view sql, std::string_view database = {}) const {
        const auto rows = query(sql, database);
        return rows.empty() || rows[0].empty() ? "NULL" : rows[0][0].value_or("NULL");
    }
    /// The ids of a user's connections, as KILL takes them.
    [[nodiscard]] std::vector<std::string> connections_of(const std::string& user) const {
        // MySQL's PROCESSLIST cannot show a statement that holds bytes of other charsets, and then shows no row.
        const std::string all = is_mysql()
                                    ? "SELECT PROCESSLIST_ID FROM performance_schema.threads WHERE PROCESSLIST_USER"
                                    : "SELECT ID FROM information_schema.PROCESSLIST WHERE USER";
        std::vector<std::string> ids;
        for (const row& r : query(all + " = '" + user + "'")) ids.push_back(r.at(0).value());
        return ids;
    }
    /// Makes an empty database, in place of one of that name.
    void create_database(std::string_view name) const {
        std::string quoted;
        for (char c : name) quoted += c == '`' ? std::string("``") : std::string(1, c);
        execute("DROP DATABASE IF EXISTS `" + quoted + "`; CREATE DATABASE `" + quoted + "` CHARACTER SET utf8mb4");
    }

private:
    using handle = std::unique_ptr<MYSQL, decltype(&mysql_close)>;

    // False when the server ended by itself.
    bool launch() {
        if (port_ == 0) port_ = free_port();
        std::vector<std::string> command = server_command(product_, folder_.path(), port_);
        command.insert(command.end(), options_.begin(), options_.end());
        server_ = child_process(command, folder_.path() + "/error.log");
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(90);
        while (server_.running()) {
            if (connect({}, false)) return true;
            if (std::chrono::steady_clock::now() > deadline) {
                kill();
                throw std::runtime_error(std::string(name_of(product_)) +
                                         " does not answer within 90 s: " + log_tail());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }

    [[nodiscard]] handle connect(const std::string& database, bool must = true) const {
        handle h(mysql_init(nullptr), &mysql_close);
        const unsigned protocol = MYSQL_PROTOCOL_SOCKET;
        mysql_options(h.get(), MYSQL_OPT_PROTOCOL, &protocol);
        mysql_options(h.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
        // Between many KILLs a login to MySQL 9.7 was seen that the server took for done and never answered.
        const unsigned longest_answer = 300; // seconds
        mysql_options(h.get(), MYSQL_OPT_READ_TIMEOUT, &longest_answer);
        if (mysql_real_connect(h.get(), "localhost", "root", "", nullptr, 0, socket().c_str(),
                               CLIENT_MULTI_STATEMENTS) == nullptr) {
            if (must) throw std::runtime_error(std::string("cannot connect: ") + mysql_error(h.get()));
            h.reset();
        }
#if !defined(LIBMARIADB)
        // Oracle's client names a collation that MariaDB does not know, and is given the server's charset then.
        if (h && !is_mysql() && mysql_query(h.get(), "SET NAMES utf8mb4") != 0) {
            throw std::runtime_error(std::string("cannot set the charset: ") + mysql_error(h.get()));
        }
#endif
        // Only now, so that its name is read as UTF-8 too.
        if (h && !database.empty() && mysql_select_db(h.get(), database.c_str()) != 0) {
            if (must) throw std::runtime_error(std::string("cannot choose a database: ") + mysql_error(h.get()));
            h.reset();
        }
        return h;
    }

    void run(std::string_view text, std::string_view database, std::vector<row>* rows) const {
        const handle h = connect(std::string(database));
        const std::string sql = is_mysql() ? make_sequences(h.get(), text) : std::string(text);
        auto fail = [&] { throw std::runtime_error(std::string(mysql_error(h.get())) + " in: " + sql.substr(0, 200)); };
        if (mysql_real_query(h.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) fail();
        for (int more = 0; more == 0; more = mysql_next_result(h.get())) {
            const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> set(mysql_store_result(h.get()),
                                                                               &mysql_free_result);
            if (!set && mysql_field_count(h.get()) != 0) fail();
            while (MYSQL_ROW cells = set ? mysql_fetch_row(set.get()) : nullptr) {
                const unsigned long* lengths = mysql_fetch_lengths(set.get());
                row r;
                for (unsigned i = 0; i < mysql_num_fields(set.get()); ++i) {
                    r.push_back(cells[i] == nullptr ? std::nullopt : std::optional(std::string(cells[i], lengths[i])));
                }
                if (rows != nullptr) rows->push_back(std::move(r));
            }
        }
        if (mysql_errno(h.get()) != 0) fail();
    }

    // Makes the sequences that the statements read, and gives the statements with their places.
    static std::string make_sequences(MYSQL* connected, std::string_view text) {
        constexpr unsigned exists_already = 1050;
        with_sequences found = find_sequences(text);
        if (found.views.empty()) return std::move(found.sql);
        found.views.insert(found.views.begin(), "CREATE DATABASE IF NOT EXISTS " + std::string(sequence_database));
        for (const std::string& statement : found.views) {
            if (mysql_query(connected, statement.c_str()) != 0 && mysql_errno(connected) != exists_already) {
                throw std::runtime_error(std::string(mysql_error(connected)) + " in: " + statement);
            }
        }
        return std::move(found.sql);
    }

    // A loopback port that nobody listens on, below those that the kernel gives to outgoing connections.
    static std::uint16_t free_port() {
        static unsigned next = static_cast<unsigned>(::getpid()) * 7U;
        for (int i = 0; i < 1000; ++i) {
            const auto port = static_cast<std::uint16_t>(20'000U + ++next % 12'000U);
            const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (listener < 0) break;
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            address.sin_port = htons(port);
            const bool is_free = ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
            ::close(listener);
            if (is_free) return port;
        }
        throw std::runtime_error("no loopback port is free");
    }

    static std::string random_password() {
        std::ifstream random("/dev/urandom", std::ios::binary);
        std::string password;
        while (password.size() < 24) {
            const int c = random.get();
            if (c == std::ifstream::traits_type::eof()) throw std::runtime_error("/dev/urandom cannot be read");
            password += "abcdefghijkmnpqrstuvwxyz23456789"[static_cast<unsigned>(c) % 32U];
        }
        return password;
    }

    [[nodiscard]] std::string log_tail() const { return detail::end_of_file(folder_.path() + "/error.log"); }

    std::vector<std::string> options_;
    product product_;
    std::string password_ = random_password();
    temporary_folder folder_;
    child_process server_;
    std::uint16_t port_ = 0;
    bool was_up_ = false;
};

} // namespace support

#endif
