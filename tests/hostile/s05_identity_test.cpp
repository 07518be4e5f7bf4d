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
