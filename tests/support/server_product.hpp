// SPDX-License-Identifier: BSL-1.0
// MariaDB or MySQL: which one a test's servers are, and how each is installed and started.
//
//   ROWFERRY_TEST_SOURCE, ROWFERRY_TEST_TARGET   mariadb or mysql: what sources and targets are; default mariadb
//   ROWFERRY_TEST_MARIADB_FOLDER                 where mariadbd and mariadb-install-db are looked for before PATH
//   ROWFERRY_TEST_MYSQL_FOLDER                   where mysqld is looked for before PATH
#ifndef ROWFERRY_TESTS_SERVER_PRODUCT_HPP
#define ROWFERRY_TESTS_SERVER_PRODUCT_HPP

#include "child_process.hpp"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Whose server it is.
enum class product : std::uint8_t { mariadb, mysql };

inline std::string_view name_of(product p) { return p == product::mariadb ? "MariaDB" : "MySQL"; }

namespace detail {

inline product product_from(const char* variable) {
    const char* text = std::getenv(variable);
    const std::string_view wanted = text == nullptr || *text == '\0' ? "mariadb" : text;
    if (wanted == "mariadb") return product::mariadb;
    if (wanted == "mysql") return product::mysql;
    throw std::runtime_error(std::string(variable) + " has to be mariadb or mysql");
}

/// The server's program: in the folder that the product's variable names, else by its bare name.
inline std::string server_program(product p, const std::string& name) {
    const char* folder =
        std::getenv(p == product::mariadb ? "ROWFERRY_TEST_MARIADB_FOLDER" : "ROWFERRY_TEST_MYSQL_FOLDER");
    return folder == nullptr || *folder == '\0' ? name : std::string(folder) + "/" + name;
}

/// The end of a file, as a server's log.
inline std::string end_of_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    const std::string all = text.str();
    return all.size() > 1500 ? all.substr(all.size() - 1500) : all;
}

inline void run_to_end(const std::vector<std::string>& command, const std::string& log, const std::string& hint) {
    child_process process(command, log);
    if (process.wait() != 0) throw std::runtime_error(command.front() + " failed" + hint + ": " + end_of_file(log));
}

/// A data folder as MySQL makes it, which takes seconds: made once in a program, then copied.
inline const std::string& mysql_template() {
    static const temporary_folder folder;
    static const std::string data = [] {
        const std::string made = folder.path() + "/data";
        std::vector<std::string> command{server_program(product::mysql, "mysqld"),
                                         "--no-defaults",
                                         "--initialize-insecure",
                                         "--datadir=" + made,
                                         "--tmpdir=" + folder.path(),
                                         "--secure-file-priv=",
                                         "--innodb-use-native-aio=OFF",
                                         "--innodb-redo-log-capacity=16M"};
        if (::geteuid() == 0) command.emplace_back("--user=root");
        run_to_end(command, folder.path() + "/install.log", " (is mysql-server-core installed?)");
        return made;
    }();
    return data;
}

} // namespace detail

/// What the test's sources are.
inline product source_product() { return detail::product_from("ROWFERRY_TEST_SOURCE"); }
/// What the test's targets are, and each server that plays both parts.
inline product target_product() { return detail::product_from("ROWFERRY_TEST_TARGET"); }

/// Makes the data folder `folder`/data of a fresh server whose root has no password.
inline void install_server(product p, const std::string& folder) {
    const std::string data = folder + "/data";
    const std::string log = folder + "/install.log";
    if (p == product::mysql) {
        detail::run_to_end({"cp", "-R", "--reflink=auto", detail::mysql_template(), data}, log, "");
        ::unlink((data + "/auto.cnf").c_str()); // the server's identity, which each copy makes for itself
        return;
    }
    std::vector<std::string> command{detail::server_program(p, "mariadb-install-db"),
                                     "--no-defaults",
                                     "--datadir=" + data,
                                     "--tmpdir=" + folder + "/tmp",
                                     "--skip-test-db",
                                     "--force",
                                     "--auth-root-authentication-method=normal",
                                     "--skip-name-resolve",
                                     "--innodb-log-file-size=16M"};
    // As two words it is the server's option only: the script would change the owner of system files for "--user=root".
    if (::geteuid() == 0) command.insert(command.end(), {"--user", "root"});
    detail::run_to_end(command, log, " (is mariadb-server-core installed?)");
}

/// What a fresh server is told at each start: root comes in through the socket only, in a folder that is closed to
/// others, and `ferry` may do everything.
inline std::string first_statements(product p, const std::string& password) {
    const std::string ferry = " USER %ferry@'127.0.0.1' IDENTIFIED BY '" + password +
                              "', ferry@localhost IDENTIFIED BY '" + password +
                              "';\nGRANT ALL ON *.* TO ferry@'127.0.0.1', ferry@localhost;\n";
    if (p == product::mysql) return "CREATE" + std::string(ferry).replace(ferry.find('%'), 1, "IF NOT EXISTS ");
    return "DELETE FROM mysql.global_priv WHERE NOT (User = 'root' AND Host = 'localhost') AND User <> 'mariadb.sys';\n"
           "FLUSH PRIVILEGES;\n"
           "CREATE OR REPLACE" +
           std::string(ferry).replace(ferry.find('%'), 1, "");
}

/// The command that starts the server of `folder`.
inline std::vector<std::string> server_command(product p, const std::string& folder, std::uint16_t port) {
    const bool is_mysql = p == product::mysql;
    std::vector<std::string> command{detail::server_program(p, is_mysql ? "mysqld" : "mariadbd"),
                                     "--no-defaults",
                                     "--datadir=" + folder + "/data",
                                     "--tmpdir=" + folder + "/tmp",
                                     "--socket=" + folder + "/socket",
                                     "--port=" + std::to_string(port),
                                     "--bind-address=127.0.0.1",
                                     "--skip-name-resolve",
                                     "--skip-log-bin",
                                     "--pid-file=" + folder + "/data/pid",
                                     "--init-file=" + folder + "/init.sql",
                                     "--innodb-buffer-pool-size=64M",
                                     "--innodb-flush-log-at-trx-commit=2",
                                     "--max-allowed-packet=64M"};
    if (is_mysql) {
        command.emplace_back("--local-infile=ON"); // as in MariaDB
        command.insert(command.end(), {"--innodb-redo-log-capacity=16M", "--secure-file-priv=", "--mysqlx=OFF",
                                       "--cte-max-recursion-depth=100000000"}); // sequence_tables.hpp
        // Many servers at once: of the kernel's asynchronous requests there are enough for about twenty, and the
        // performance schema takes memory for each table and connection that could be there.
        command.insert(command.end(), {"--innodb-use-native-aio=OFF", "--table-open-cache=400",
                                       "--table-definition-cache=400", "--max-connections=100"});
    } else {
        command.emplace_back("--innodb-log-file-size=16M");
    }
    if (::geteuid() == 0) command.emplace_back("--user=root");
    return command;
}

/// The option that turns TLS off.
inline std::string option_without_tls(product p) { return p == product::mysql ? "--tls-version=" : "--skip-ssl"; }

} // namespace support

#endif
