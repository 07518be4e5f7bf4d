// SPDX-License-Identifier: BSL-1.0
// The connection concepts, both ways, and the double and the pipeline's own rules on them.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace rf = rowferry;
using fake = rf::testing::fake_database;
using fake_connection = rf::connection_of<fake>;

static_assert(rf::Connector<fake> && rf::explain_connector<fake>());
static_assert(rf::Source<fake_connection> && rf::explain_source<fake_connection>());
static_assert(rf::Target<fake_connection> && rf::explain_target<fake_connection>());
static_assert(rf::CheckpointStore<fake_connection> && rf::CountsRows<fake_connection>);
static_assert(rf::StreamsRows<fake_connection>);
static_assert(rf::FindsMaximum<fake_connection> && rf::TruncatesTables<fake_connection>);
static_assert(rf::ListsTables<fake_connection> && rf::CopiesServerSide<fake_connection, fake_connection>);
static_assert(rf::HoldsSnapshot<fake_connection>);
static_assert(rf::Verifiable<fake_connection> && rf::explain_verifiable<fake_connection>());
static_assert(rf::FindsRows<fake_connection> && rf::RemovesRows<fake_connection>);
static_assert(rf::explain_repair<fake_connection, fake_connection>());
static_assert(rf::Timing<rf::testing::manual_timing> && rf::Observer<rf::testing::recording_observer>);

// The smallest source: three operations.
struct reader {
    rf::result<void> ping() { return {}; }
    rf::result<std::optional<rf::table_schema>> describe(std::string_view) { return std::optional<rf::table_schema>{}; }
    rf::result<void> read(const rf::page_request&, rf::row_batch&) { return {}; }
};
static_assert(!rf::Verifiable<reader>);
static_assert(rf::Source<reader> && !rf::Target<reader> && !rf::CountsRows<reader> && !rf::CheckpointStore<reader>);

struct mute {
    rf::result<std::optional<rf::table_schema>> describe(std::string_view) { return std::optional<rf::table_schema>{}; }
    rf::result<void> read(const rf::page_request&, rf::row_batch&) { return {}; }
};
static_assert(!rf::Connection<mute> && !rf::Source<mute>);

// An operation that answers with the wrong type is not the operation.
struct careless {
    bool ping() { return true; }
    rf::result<std::optional<rf::table_schema>> describe(std::string_view) { return std::optional<rf::table_schema>{}; }
    rf::result<void> read(const rf::page_request&, rf::row_batch&) { return {}; }
};
static_assert(!rf::Source<careless>);

struct connector_of_readers {
    rf::result<reader> connect() { return reader{}; }
    std::string identity() const { return "nowhere"; }
};
static_assert(rf::Connector<connector_of_readers> && !rf::Connector<reader>);
static_assert(!rf::NamesServer<connector_of_readers> && rf::NamesServer<fake> &&
              rf::NamesServer<rf::shared_snapshot<fake>>);

// A snapshot that is shared is a connector again, for reading only; it counts and finds maxima if its connection does.
using shared = rf::shared_snapshot<fake>;
using borrowed = rf::connection_of<shared>;
static_assert(rf::Connector<shared> && rf::Source<borrowed> && !rf::Target<borrowed>);
static_assert(rf::StreamsRows<borrowed> && rf::CountsRows<borrowed> && rf::FindsMaximum<borrowed> &&
              !rf::HoldsSnapshot<borrowed>);
static_assert(!std::is_copy_constructible_v<shared> && !std::is_move_constructible_v<shared>);

struct plain_reader : reader {
    rf::result<rf::snapshot_info> open_snapshot() { return rf::snapshot_info{}; }
    bool in_snapshot() const { return true; }
};
struct connector_of_plain_readers {
    rf::result<plain_reader> connect() { return plain_reader{}; }
    std::string identity() const { return "nowhere"; }
};
using borrowed_reader = rf::connection_of<rf::shared_snapshot<connector_of_plain_readers>>;
static_assert(rf::Source<borrowed_reader> && !rf::StreamsRows<borrowed_reader> && !rf::CountsRows<borrowed_reader> &&
              !rf::FindsMaximum<borrowed_reader>);
