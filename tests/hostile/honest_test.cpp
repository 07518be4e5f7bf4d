// SPDX-License-Identifier: BSL-1.0
// The scripted server without a lie: copies, clones and verifications succeed, so that what a hostile case shows is its lie's.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "scripted_server.hpp"

#include <string>
#include <vector>

using namespace hostile;

namespace {

void check_understood(const tiny_database& d) {
    for (const std::string& statement : d.unknown()) UNSCOPED_INFO("not understood: " << statement);
    CHECK(d.unknown().empty());
}

} // namespace

TEST_CASE("an honest scripted server gives and takes all rows", "[hostile]") {
    tiny_database from;
    tiny_database to;
    from.add_notes("t", 25);
    const bool makes_table = GENERATE(false, true);
    if (!makes_table) to.add_notes("t", 0);
    scripted_server source(from);
    scripted_server target(to);
    std::vector<std::string> more{"--batch-rows", "10", "--verify"};
    if (makes_table) more.emplace_back("--create-target");
    const outcome o = run_guarded(copy_arguments(source.uri(), target.uri(), more));
    INFO(o.out << o.err);
    check_understood(from);
    check_understood(to);
    CHECK(o.exit_code == 0);
    CHECK(to.rows("t") == from.rows("t"));
    CHECK(o.peak_bytes < most_memory());
}

TEST_CASE("an honest scripted server takes arrays of rows", "[hostile]") {
    tiny_database from;
    tiny_database to;
    from.add_notes("t", 25);
    to.add_notes("t", 0);
    scripted_server source(from);
    lies announces;
    announces.greet = [](greeting& g) { g.capabilities |= capability::bulk_operations; };
    scripted_server target(to, announces);
    const outcome o =
        run_guarded(copy_arguments(source.uri(), target.uri(), {"--batch-rows", "10", "--write-way", "auto"}));
    INFO(o.out << o.err);
    check_understood(to);
    CHECK(o.exit_code == 0);
    CHECK(to.rows("t") == from.rows("t"));
}

TEST_CASE("a difference between two honest scripted servers is found", "[hostile]") {
    tiny_database from;
    tiny_database to;
    from.add_notes("t", 25);
    to.add_notes("t", 24);
    scripted_server source(from);
    scripted_server target(to);
    const outcome o = run_guarded(verify_arguments(source.uri(), target.uri()));
    INFO(o.out << o.err);
    check_understood(from);
    check_understood(to);
    CHECK(o.exit_code == 3);
}
