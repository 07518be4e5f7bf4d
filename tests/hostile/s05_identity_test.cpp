// SPDX-License-Identifier: BSL-1.0
// S05: a source that passes itself off as the target's server gets no other database of the target copied.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "proxy.hpp"
#include "real_server.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace hostile;

namespace {

/// Says that the session is in the canary's database, where the table `t` is another one.
rule fakes_database() {
    return when("CONNECTION_ID()", [](answer& a) {
        for (std::size_t i = 0; i < a.columns.size() && !a.rows.empty(); ++i) {
            if (a.columns[i].name == "DATABASE()") a.rows[0].at(i) = "canary";
        }
    });
}

void check_nothing_copied(const outcome& said, const canary& bird, const real_database& to,
                          const journal& target_heard) {
    INFO(said.out << said.err);
    CHECK(bird.harm().empty());
    for (const std::string& row : to.rows()) CHECK(row.find(canary::secret()) == std::string::npos);
    CHECK(target_heard.count("canary") == 0);
    if (said.exit_code == 0) CHECK(to.rows() == std::vector<std::string>{"1|note 1", "2|note 2"});
}

} // namespace

TEST_CASE("S05: a source that relays the proof of one server does not choose the database", "[hostile]") {
    const canary bird;
    const real_database from("shop_source");
    const std::vector<std::string> options[]{
        {"--batch-rows", "10"}, {"--create-target"}, {"--write-mode", "upsert"}, {"--keyless"}};
    for (const auto& more : options) {
        from.add_notes(2);
        const real_database to("shop_target");
        if (more[0] != "--create-target") to.add_notes(0);
        lies l;
        l.rules.push_back(fakes_database());
        proxy source(real_database::port(), l); // everything else is relayed to the target's server, locks as well
        proxy target(real_database::port());
        const outcome said = run_guarded(copy_arguments(source.uri(from.uri()), target.uri(to.uri()), more),
                                         {.name = "S05 source fakes its database, " + more[0]});
        target.stop();
        check_nothing_copied(said, bird, to, target.heard());
    }
}

TEST_CASE("S05: one address for both ends does not let the source choose the database either", "[hostile]") {
    const canary bird;
    const real_database from("shop_source");
    from.add_notes(2);
    const real_database to("shop_target");
    to.add_notes(0);
    lies l;
    l.rules.push_back([fake = fakes_database(), source = 0U](const call& c, answer& a) mutable {
        if (source == 0U) source = c.connection; // the tool connects to the source first
        if (c.connection == source || a.rows.empty()) return fake(c, a);
        const bool is_source = a.rows[0].size() > 6 && a.rows[0][6] == "shop_source";
        if (is_source) fake(c, a);
    });
    proxy both(real_database::port(), l);
    const outcome said = run_guarded(copy_arguments(both.uri(from.uri()), both.uri(to.uri())),
                                     {.name = "S05 one address, fakes its database"});
    both.stop();
    check_nothing_copied(said, bird, to, both.heard());
}

TEST_CASE("S05: a source at another address is not copied inside of the server", "[hostile]") {
    const real_database from("shop_source");
    from.add_notes(5);
    const real_database to("shop_target");
    to.add_notes(0);
    proxy source(real_database::port());
    proxy target(real_database::port());
    const outcome said = run_guarded(copy_arguments(source.uri(from.uri()), target.uri(to.uri())),
                                     {.name = "S05 another address, honest"});
    target.stop();
    INFO(said.out << said.err);
    CHECK(said.exit_code == 0);
    CHECK(to.rows() == from.rows());
    CHECK(target.heard().count("SELECT `id`, `note` FROM `shop_source`") == 0);
}

TEST_CASE("S05: SQL in the names of a source's catalog is not executed on the target", "[hostile]") {
    const canary bird;
    const std::string injected = "binary X'00' UNION SELECT id, note FROM canary.t -- ";
    struct lie {
        std::string name;
        std::size_t cell; ///< of the catalog's row of a column
        std::string text;
    };
    const lie lies_told[]{{"charset", 4, injected},
                          {"collation", 5, injected},
                          {"full type", 3, "uuid"},
                          {"charset of a UUID", 4, injected},
                          {"long charset", 4, std::string(65, 'a')}};
    // A key that is not copied is not compared with a column of the target.
    const std::vector<std::string> options[]{{"--batch-rows", "10"}, {"--batch-rows", "10", "--columns", "note"}};
    const real_database from("shop_source");
    from.execute("CREATE TABLE t (id VARCHAR(30) NOT NULL PRIMARY KEY, note VARCHAR(40) NOT NULL) ENGINE=InnoDB"
                 " DEFAULT CHARSET=utf8mb4");
    from.execute("INSERT INTO t SELECT 100 + seq, CONCAT('note ', seq) FROM seq_1_to_25");
    for (const lie& told : lies_told) {
        for (const std::vector<std::string>& more : options) {
            const real_database to("shop_target");
            to.execute(more.size() == 2 ? "CREATE TABLE t (id VARCHAR(40) NOT NULL PRIMARY KEY, note VARCHAR(40) NOT "
                                          "NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
                                        : "CREATE TABLE t (n INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(40) NOT "
                                          "NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
            lies l;
            l.rules.push_back(when("information_schema.COLUMNS", [&told](answer& a) {
                for (cells& row : a.rows) {
                    if (row.size() != 11 || row[1] != "id") continue;
                    if (told.name == "charset of a UUID") row[3] = "uuid";
                    row[told.cell] = told.text;
                }
            }));
            l.rules.push_back(when("UNION", answer::table({"id"}, {{"111"}, {"112"}})));
            proxy source(real_database::port(), l);
            proxy target(real_database::port());
            std::vector<std::string> arguments = more;
            arguments.emplace_back("--one-server");
            const outcome said = run_guarded(copy_arguments(source.uri(from.uri()), target.uri(to.uri()), arguments),
                                             {.name = "S05 " + told.name + " in the catalog, " + more.back()});
            target.stop();
            INFO(told.name << ' ' << more.back());
            check_nothing_copied(said, bird, to, target.heard());
            CHECK(said.exit_code == 2);
            CHECK(said.says("makes no sense"));
            CHECK(said.says("a column of table t"));
        }
    }
}
