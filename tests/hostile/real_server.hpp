// SPDX-License-Identifier: BSL-1.0
// The real server of the hostile cases, which is a MariaDB, and what on it must not change: the canary.
#ifndef ROWFERRY_TESTS_HOSTILE_REAL_SERVER_HPP
#define ROWFERRY_TESTS_HOSTILE_REAL_SERVER_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hostile {

/// A database of the one real server, empty when it is made.
class real_database {
public:
    explicit real_database(std::string name);
    [[nodiscard]] std::string uri() const;
    static std::uint16_t port();
    static std::string password();
    void execute(std::string_view sql) const;
    [[nodiscard]] std::string value(std::string_view sql) const;
    /// `t(id, note)` with so many rows, as `tiny_database::add_notes` makes them.
    void add_notes(unsigned rows) const;
    /// Rows of a table as "1|note 1", sorted as text; none without the table.
    [[nodiscard]] std::vector<std::string> rows(const std::string& table = "t") const;
    [[nodiscard]] bool has(const std::string& table) const;

private:
    std::string name_;
};

/// The database `canary`: a table `precious`, a table `t` of secrets, and a function `strike` that empties the first.
/// Nothing that a liar says may change or copy any of it.
class canary {
public:
    canary();
    /// What is wrong with it; "" when it is untouched.
    [[nodiscard]] std::string harm() const;
    static std::string secret() { return "a secret of another database"; }
};

} // namespace hostile

#endif
