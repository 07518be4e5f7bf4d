// SPDX-License-Identifier: BSL-1.0
// Connections that derive from another one and replace its `read`: rows come through that, or not at all.
#include "catch.hpp"
#include "masked_world.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::masked_world;

namespace {

constexpr rf::fixed_batch three{.rows = 3};

/// A wrapper written without `transformed`: it hides the `read` of its base.
class hiding_connection : public rf::testing::fake_connection {
public:
    explicit hiding_connection(rf::testing::fake_connection&& real) : fake_connection(std::move(real)) {}
    rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
        rf::row_batch all;
        auto done = fake_connection::read(page, all);
        into.reset(all.columns());
        for (const rf::row_view row : all) {
            for (std::size_t i = 0; i < row.size(); ++i) into.add(i == 1 ? rf::cell("masked") : row[i]);
        }
        if (all.truncated()) into.set_truncated();
        return done;
    }
};
struct hiding_connector {
    rf::testing::fake_database& real;
    rf::result<hiding_connection> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return hiding_connection(std::move(*made));
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
    [[nodiscard]] std::string address() const { return real.address(); }
};
/// The database by another name, which only the server can tell to be the same.
struct alias_connector : hiding_connector {
    [[nodiscard]] std::string identity() const { return "alias/" + real.identity(); }
};
struct counting_connection : rf::testing::fake_connection {
    rf::result<void> ping() { return {}; }
};

} // namespace

TEST_CASE("a connection that hides the read of its base is read from, and by nothing else", "[transformed]") {
    using real = rf::testing::fake_connection;
    STATIC_REQUIRE_FALSE(rf::CopiesServerSide<real, hiding_connection>);
    STATIC_REQUIRE_FALSE(rf::StreamsRows<hiding_connection>);
    STATIC_REQUIRE_FALSE(rf::FindsRows<hiding_connection>);
    STATIC_REQUIRE(rf::CopiesServerSide<real, counting_connection>);
    STATIC_REQUIRE(rf::StreamsRows<counting_connection>);
    masked_world world;
    world.target.share_server_with(world.source);
    hiding_connector source{world.source};
    const rf::report done = rf::pipeline{three}.copy(source, world.target, "customer", world.timing);
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(world.target.rows("customer").size() == 10);
    CHECK_FALSE(world.leaks());
    masked_world keyless(3, [](int) { return false; }, {});
    hiding_connector streamed{keyless.source};
    const rf::report refusal =
        rf::pipeline{three}.copy(streamed, keyless.target, {.table = "customer", .keyless = true}, keyless.timing);
    CHECK(refusal.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(refusal), ContainsSubstring("lacks `stream`"));
}

TEST_CASE("a connection that hides the read of its base is not copied onto itself", "[transformed]") {
    masked_world world;
    alias_connector source{{world.source}};
    const rf::report refusal =
        rf::pipeline{three}.copy(source, world.source, {.table = "customer", .truncate_target = true}, world.timing);
    CHECK(refusal.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(refusal), ContainsSubstring("same table"));
    CHECK(world.source.rows("customer").size() == 10);
}
