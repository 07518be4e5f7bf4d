// SPDX-License-Identifier: BSL-1.0
// The connection concepts, both ways, and the double and the pipeline's own rules on them.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

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

// A transformed source is a connector again. Its connection has no way past the function but those that say so.
constexpr auto leave_alone = [](rf::editable_row&) {};
static_assert(rf::Transformation<decltype(leave_alone)> && rf::explain_transformation<decltype(leave_alone)>());
static_assert(!rf::Transformation<int (*)(rf::editable_row&)> && !rf::Transformation<void (*)(rf::editable_row)>);
using transformed = rf::transformed_source<fake, decltype(leave_alone)>;
using transforming = rf::connection_of<transformed>;
static_assert(rf::Connector<transformed> && rf::NamesServer<transformed> && rf::ConnectsWithin<transformed>);
static_assert(!std::is_copy_constructible_v<transformed> && !std::is_move_constructible_v<transformed>);
static_assert(rf::TransformsRows<transforming> && rf::Source<transforming> && rf::explain_source<transforming>());
static_assert(!rf::ReadsPages<transforming> && !rf::StreamsRows<transforming> && !rf::Target<transforming>);
static_assert(!rf::CopiesServerSide<fake_connection, transforming>);
static_assert(!rf::ChecksumsRows<transforming> && !rf::DigestsRows<transforming> && rf::FindsRows<transforming>);
static_assert(rf::CountsRows<transforming> && rf::HoldsSnapshot<transforming> && rf::LimitsWaits<transforming>);
static_assert(!rf::TransformsRows<fake_connection> && !rf::TransformsRows<reader>);
// So is a snapshot of one, in either order.
static_assert(rf::TransformsRows<rf::connection_of<rf::shared_snapshot<transformed>>>);
static_assert(!rf::ReadsPages<rf::connection_of<rf::shared_snapshot<transformed>>>);
static_assert(rf::TransformsRows<rf::connection_of<rf::transformed_source<shared, decltype(leave_alone)>>>);
static_assert(!rf::CountsRows<rf::connection_of<rf::transformed_source<connector_of_readers, decltype(leave_alone)>>>);

// A connection that replaces `read` alone has no other way to its rows; one that replaces all of them keeps them.
struct hides_read : fake_connection {
    rf::result<void> read(const rf::page_request&, rf::row_batch&) { return {}; }
};
static_assert(rf::Source<hides_read> && !rf::StreamsRows<hides_read> && !rf::FindsRows<hides_read>);
static_assert(!rf::CopiesServerSide<fake_connection, hides_read>);
struct hides_ping : fake_connection {
    rf::result<void> ping() { return {}; }
};
static_assert(rf::StreamsRows<hides_ping> && rf::FindsRows<hides_ping>);
static_assert(rf::CopiesServerSide<fake_connection, hides_ping>);
struct hides_all : hides_read {
    using hides_read::hides_read;
    rf::result<void> read(const rf::page_request&, rf::row_batch&) { return {}; }
    template <class Consumer>
    rf::result<void> stream(const rf::page_request&, rf::row_batch&, Consumer) {
        return {};
    }
    rf::result<void> find_rows(const rf::keyed_rows&, rf::row_batch&) { return {}; }
};
static_assert(rf::StreamsRows<hides_all> && rf::FindsRows<hides_all>);
static_assert(!rf::CopiesServerSide<fake_connection, hides_all>);
// A base without a `read` has none to replace.
struct stream_of_base {
    rf::result<void> stream(const rf::page_request&, rf::row_batch&, bool (*)(const rf::row_batch&)) { return {}; }
};
struct reads_too : reader, stream_of_base {
    rf::result<void> read(const rf::page_request&, rf::row_batch&) { return {}; }
};
static_assert(rf::Source<reads_too> && rf::StreamsRows<reads_too>);
