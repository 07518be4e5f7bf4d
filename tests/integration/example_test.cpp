// SPDX-License-Identifier: BSL-1.0
// The README's first example, run as it stands.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <string>

TEST_CASE("examples/01_first_copy copies a table between two servers") {
    support::two_servers servers;
    servers.fill(2000);
    const auto answer =
        support::tool_run({servers.source_uri(), servers.target_uri(), "procnote"}, ROWFERRY_FIRST_COPY).wait();
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(answer.out.starts_with("procnote: complete, 2000 rows in "));
    CHECK(servers.difference().empty());
}

TEST_CASE("examples/01_first_copy says what is wrong with a URI") {
    for (const bool as_source : {true, false}) {
        const std::string wrong = "mysql:/user@host/database";
        const std::string right = "mysql://user@localhost/database";
        const auto answer =
            support::tool_run({as_source ? wrong : right, as_source ? right : wrong, "t"}, ROWFERRY_FIRST_COPY).wait();
        CHECK(answer.exit_code == 2);
        CHECK_THAT(answer.err, Catch::Matchers::ContainsSubstring("mysql://"));
    }
}
