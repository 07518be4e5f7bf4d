// SPDX-License-Identifier: BSL-1.0
// Tables whose rows are those of other tables, servers or files, or that keep none: no target, no clone, and a source only
// as a table without a key.
#include "catch.hpp"
#include "worlds.hpp"

#include <rowferry/sql/adapt_definition.hpp>
#include <rowferry/sql/engines.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rf = rowferry;
namespace sql = rowferry::sql;
using Catch::Matchers::ContainsSubstring;
using rf::row_home;
using rf::testing::fake_database;
using rf::testing::operation;
using worlds::two_databases;

namespace {

constexpr rf::fixed_batch three{.rows = 3};

/// A table `t` with what its definition calls a primary key.
void create(fake_database& database, row_home rows = row_home::own, const std::string& engine = "InnoDB") {
    rf::table_schema t;
    t.name = "t";
    for (const char* name : {"id", "v"}) {
        rf::column& c = t.columns.emplace_back();
        c.name = name;
        c.kind = rf::column_kind::integer;
        c.type = "int";
        c.nullable = t.columns.size() > 1;
    }
    t.keys = {{"PRIMARY", {{0, false}}}};
    t.engine = engine;
    t.rows = rows;
    t.transactional = rows == row_home::own;
    database.create_table(t);
}
/// Rows of two tables, seen through one that leads to both: two have the same key.
void fill(fake_database& database) {
    for (const char* id : {"1", "2", "3", "3", "4"}) database.insert("t", {id, id});
}

const sql::server_abilities mariadb{sql::dialect::mariadb,
                                    101'106,
                                    {"utf8mb4_general_ci"},
                                    {"InnoDB", "MyISAM", "MRG_MyISAM", "SPIDER", "FEDERATED", "BLACKHOLE"},
                                    {"InnoDB", "SPIDER"}};

rf::result<rf::new_table> adapted(const std::string& engine, const std::string& options,
                                  const rf::definition_changes& changes) {
    rf::table_definition from;
    from.statement = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=" + engine +
                     " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci" + options;
    from.collation = "utf8mb4_general_ci";
    from.schema.name = "t";
    from.schema.engine = engine;
    from.schema.rows = sql::rows_of_engine(engine);
    from.schema.columns = {{.name = "id", .kind = rf::column_kind::integer, .type = "int(11)"}};
    return sql::adapt_definition(from, "t", changes, mariadb);
}

} // namespace

TEST_CASE("a target whose rows are elsewhere, nowhere or unknown is refused, with any write mode") {
    struct kind {
        row_home rows;
        const char* sentence;
    };
    for (const kind& k :
         {kind{row_home::elsewhere, "uses the engine X, whose rows are those of other tables, servers or files"},
          {row_home::nowhere, "uses the engine X, which keeps no row"},
          {row_home::unknown, "uses the engine X, which is not known to hold the rows of its tables itself"}}) {
        for (const rf::write_kind mode :
             {rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
            CAPTURE(k.sentence);
            two_databases world;
            create(world.source);
            world.source.insert("t", {"1", "1"});
            create(world.target, k.rows, "X");
            world.target.insert("t", {"7", "7"});
            const rf::report report = world.copy(rf::pipeline{three, rf::chosen_write_mode{mode}},
                                                 {.table = "t", .truncate_target = true, .keyless = true});
            CHECK(report.outcome == rf::outcome::refused);
            CHECK_THAT(worlds::why(report), ContainsSubstring(k.sentence));
            CHECK(world.target.row_count("t") == 1); // nothing was emptied
            CHECK(world.target.calls(operation::truncate) == 0);
        }
    }
}

TEST_CASE("a source whose rows are elsewhere has no key: it is refused, or copied in one pass with all its rows") {
    two_databases world;
    create(world.source, row_home::elsewhere, "MERGED");
    fill(world.source);
    world.target.create_table("t", {{"id", "int not null"}, {"v", "int"}}, {});
    const rf::report refused = world.copy(rf::pipeline{three}, {.table = "t"});
    CHECK(refused.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(refused),
               ContainsSubstring("key PRIMARY cannot order pages: its engine MERGED does not enforce it"));
    CHECK(worlds::offers(refused, rf::remedy::allow_keyless));
    const rf::report upserted = world.copy(rf::pipeline{three, rf::upsert{}}, {.table = "t", .keyless = true});
    CHECK(upserted.outcome == rf::outcome::refused);
    // What the source shows may be the target's own rows.
    const rf::report emptying =
        world.copy(rf::pipeline{three}, {.table = "t", .truncate_target = true, .keyless = true});
    CHECK(emptying.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(emptying),
               ContainsSubstring("it may show the target's own rows, so the target is not emptied"));
    const rf::report copied = world.copy(rf::pipeline{three}, {.table = "t", .keyless = true});
    INFO(worlds::why(copied));
    CHECK(copied.complete());
    CHECK(world.target.row_count("t") == 5);
    const auto& notices = world.events.notices();
    CHECK(std::any_of(notices.begin(), notices.end(), [](const auto& n) {
        return n.text.find("uses the engine MERGED, whose rows are those of other tables") != n.text.npos;
    }));
}

TEST_CASE("rows from elsewhere are of no snapshot, whatever the engine says of transactions") {
    two_databases world;
    create(world.source, row_home::elsewhere, "InnoDB");
    world.source.set_transactional("t", true);
    create(world.target);
    const rf::report report = world.copy(rf::pipeline{three, rf::one_snapshot{}}, {.table = "t", .keyless = true});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("a snapshot of this server does not include them"));
    CHECK(worlds::offers(report, rf::remedy::leave_snapshot));
}

TEST_CASE("a listing says which tables hold their rows") {
    fake_database database{"source"};
    create(database, row_home::elsewhere, "FEDERATED");
    database.create_table("u", {{"id", "int not null"}}, {"id"});
    rf::testing::fake_connection c = database.connect().value();
    const auto listed = c.list_tables().value();
    REQUIRE(listed.tables.size() == 2);
    CHECK(listed.tables[0].rows == row_home::elsewhere);
    CHECK(listed.tables[0].engine == "FEDERATED");
    CHECK(listed.tables[1].rows == row_home::own);
    CHECK(c.tables().value().size() == 2);
}

TEST_CASE("engines are known without regard to case; unknown engines do not count as holding rows") {
    CHECK(sql::rows_of_engine("InnoDB") == row_home::own);
    CHECK(sql::rows_of_engine("innodb") == row_home::own);
    for (const char* engine : {"MRG_MyISAM", "MRG_MYISAM", "FEDERATED", "SPIDER", "CONNECT", "SPHINX"}) {
        CAPTURE(engine);
        CHECK(sql::rows_of_engine(engine) == row_home::elsewhere);
        CHECK_FALSE(sql::can_clone_engine(engine));
    }
    CHECK(sql::rows_of_engine("BLACKHOLE") == row_home::nowhere);
    CHECK(sql::rows_of_engine("TELEPATHY") == row_home::unknown);
}

TEST_CASE("no engine is mapped to one that leads elsewhere, and the comments of one that does stay behind") {
    for (const char* to : {"FEDERATED", "MRG_MyISAM", "BLACKHOLE", "SPIDER"}) {
        CAPTURE(to);
        const auto made = adapted("InnoDB", "", {.engines = {{"InnoDB", to}}});
        REQUIRE_FALSE(made);
        CHECK_THAT(rf::to_string(made.error()),
                   ContainsSubstring(std::string("the engine ") + to + ", to which InnoDB is mapped, is not one that"));
    }
    const std::string secret = "host \"h\", user \"u\", password \"hidden\"";
    const auto spider = adapted("SPIDER",
                                " COMMENT='" + secret +
                                    "'\n PARTITION BY RANGE (`id`)\n(PARTITION `p0` VALUES LESS THAN"
                                    " (10) COMMENT = '" +
                                    secret + "' ENGINE = SPIDER)",
                                {.engines = {{"SPIDER", "InnoDB"}}});
    INFO((spider ? spider->statement : rf::to_string(spider.error())));
    REQUIRE(spider);
    CHECK(spider->statement.find("hidden") == std::string::npos);
    CHECK(spider->statement.find("COMMENT") == std::string::npos);
    CHECK(spider->notices.size() == 2);
    for (const std::string& notice : spider->notices) CHECK(notice.find("hidden") == std::string::npos);
    CHECK(spider->schema.rows == row_home::own);
    const auto plain = adapted("MyISAM", " COMMENT='kept'", {.engines = {{"MyISAM", "InnoDB"}}});
    REQUIRE(plain);
    CHECK_THAT(plain->statement, ContainsSubstring("COMMENT='kept'"));
}
