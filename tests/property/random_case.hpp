// SPDX-License-Identifier: BSL-1.0
// One case of the property test: a table, a way of copying it, and what goes wrong meanwhile; drawn from a seed.
#ifndef ROWFERRY_TESTS_PROPERTY_RANDOM_CASE_HPP
#define ROWFERRY_TESTS_PROPERTY_RANDOM_CASE_HPP

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace property {

namespace rf = rowferry;
using rf::testing::row;

/// Draws numbers, the same ones for the same seed on every platform (splitmix64).
class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}
    /// From 0 to `n` - 1.
    std::uint64_t below(std::uint64_t n) {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return (z ^ (z >> 31U)) % n;
    }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    template <class List>
    const auto& of(const List& list) {
        return list[static_cast<std::size_t>(below(list.size()))];
    }

private:
    std::uint64_t state_;
};

/// What a table's key is made of. All tables have the columns a, b, w (the watermark) and note.
struct table_shape {
    const char* a;
    const char* b;
    const char* w;
    std::vector<std::string> primary_key;
    std::vector<std::string> unique_key = {}; ///< its columns may be NULL
};

inline const std::vector<table_shape>& shapes() {
    static const std::vector<table_shape> all{
        {"int not null", "varchar(10)", "int", {"a"}},
        {"int not null", "varchar(10)", "datetime(6)", {"a desc"}},
        {"bigint unsigned not null", "varchar(10)", "int", {"a"}},
        {"int not null", "varchar(10) not null", "int", {"a", "b"}},
        {"int not null", "varchar(10) not null", "datetime(6)", {"b desc", "a"}},
        {"int not null", "varchar(10) not null", "decimal(10,2)", {"b"}},
        {"int not null", "varchar(10) not null collate utf8mb4_bin", "datetime(6)", {"b", "a desc"}},
        {"int not null", "datetime(6) not null", "int", {"b", "a"}},
        {"int not null", "decimal(10,2) not null", "decimal(10,2)", {"b desc", "a desc"}},
        {"int not null", "varbinary(10) not null", "int", {"b", "a"}},
        {"int", "varchar(10) collate utf8mb4_bin", "int", {}, {"b", "a"}},
        {"int", "decimal(10,2)", "datetime(6)", {}, {"b"}},
        {"int", "varchar(10)", "int", {}}, // without a key: rows may come twice
    };
    return all;
}

enum class paging : std::uint8_t { keyset, incremental, offset, single };

/// What happens at one call of one side.
struct event {
    enum class kind : std::uint8_t { fault, crash, rival, write };
    kind what = kind::fault;
    rf::side side = rf::side::target;
    std::uint64_t call = 1; ///< counted over all runs, from 1
    rf::fault fault = rf::fault::connection_lost;
    rf::testing::when moment = rf::testing::when::before;
};

/// A row before its watermark is text.
struct drawn_row {
    rf::value a;
    rf::value b;
    std::optional<int> w;
    std::string note;
};
/// What changes in the source between two incremental copies.
struct later_change {
    std::optional<std::size_t> updates; ///< which row, by its position modulo the number of rows; none: a new row
    int behind = 1;                     ///< its watermark, from the largest so far on
};

struct test_case {
    std::uint64_t seed = 0;
    std::size_t shape = 0;
    paging pages = paging::keyset;
    rf::write_kind write = rf::write_kind::insert;
    bool stores_checkpoint = true;
    bool server_side = false;
    bool truncates = false;
    bool resumes = true;
    bool filters = false;    ///< copies only the rows that `is_chosen` holds for
    bool renames = false;    ///< the column note has another name in the target
    bool consistent = false; ///< from one snapshot
    unsigned workers = 0;    ///< 0: sequential, 1: overlapped; every other run is sequential
    std::uint64_t batch_rows = 1;
    std::uint64_t batch_bytes = 0;
    int lag = 0;
    int retry_delay = 0; ///< in seconds; after more than five a connection is pinged first
    std::vector<drawn_row> rows;
    std::vector<std::size_t> there;     ///< rows that the target has already, with another note, by their positions
    bool has_extra = false;             ///< whether the target has a row of its own, too
    std::optional<std::size_t> refused; ///< a row that the target refuses at first, by its position
    std::vector<later_change> later;
    std::vector<event> events;

    [[nodiscard]] const table_shape& table() const { return shapes()[shape]; }
    [[nodiscard]] bool is_keyless() const { return table().primary_key.empty() && table().unique_key.empty(); }
    /// Whether rows with a NULL in the key may be there, which can come twice.
    [[nodiscard]] bool is_nullable() const { return !table().unique_key.empty(); }
    [[nodiscard]] bool filters_out(const row& r) const { return filters && !is_chosen(r); }

    /// What the filter says of a row.
    static bool is_chosen(const row& r) { return !r[0] || (r[0]->back() - '0') % 2 == 0; }
};

/// The watermark as the column's text.
inline rf::value watermark(const table_shape& shape, std::optional<int> w) {
    if (!w) return std::nullopt;
    const std::string number = std::to_string(*w + 30); // two digits, also before a lag
    const std::string_view type = shape.w;
    if (type == "int") return number;
    if (type.starts_with("decimal")) return number + ".25";
    return "2026-01-01 00:00:" + number + ".000500";
}

/// The key values of the n-th row that is not among the drawn ones.
inline drawn_row fresh_row(const table_shape& shape, std::size_t n) {
    const std::string number = std::to_string(100 + n);
    const std::string_view type = shape.b;
    return {number,
            type.starts_with("datetime")  ? "2027-01-01 00:00:00.000" + number
            : type.starts_with("decimal") ? number + ".00"
                                          : "n" + number,
            std::nullopt, "fresh " + number};
}

inline rf::value draw_a(dice& d, const table_shape& shape) {
    using namespace std::string_view_literals;
    constexpr std::array large{"0"sv, "1"sv, "9"sv, "10"sv, "18446744073709551614"sv, "18446744073709551615"sv};
    if (std::string_view(shape.a).find("unsigned") != std::string_view::npos) return std::string(d.of(large));
    return std::to_string(static_cast<int>(d.below(20)) - 6);
}
inline rf::value draw_b(dice& d, const table_shape& shape) {
    using namespace std::string_view_literals;
    constexpr std::array texts{""sv, "a"sv, "A"sv, "b"sv, "B c"sv, "ab"sv, "_"sv, "Z"sv, "zz"sv, "~"sv, "0"sv, "'\\"sv};
    constexpr std::array times{"2026-01-01 00:00:00.000000"sv, "2026-01-01 00:00:00.000001"sv,
                               "2025-12-31 23:59:59.999999"sv, "0000-00-00 00:00:00.000000"sv};
    constexpr std::array numbers{"-1.50"sv, "0.00"sv, "-0.01"sv, "2.25"sv, "10.00"sv};
    constexpr std::array bytes{""sv, "\0"sv, "\0a"sv, "a"sv, "A"sv, "\xFF"sv, ",~%"sv};
    const std::string_view type = shape.b;
    if (type.starts_with("datetime")) return std::string(d.of(times));
    if (type.starts_with("decimal")) return std::string(d.of(numbers));
    if (type.starts_with("varbinary")) return std::string(d.of(bytes));
    if (type == "varchar(10)" && d.one_in(8)) return std::nullopt;
    return std::string(d.of(texts));
}
inline drawn_row draw_row(dice& d, const table_shape& shape, const std::string& note) {
    drawn_row r{draw_a(d, shape), draw_b(d, shape), std::nullopt, note};
    if (!d.one_in(6)) r.w = static_cast<int>(d.below(4)) * 3;
    if (!shape.unique_key.empty() && d.one_in(4)) r.b = std::nullopt;
    if (!shape.unique_key.empty() && d.one_in(4)) r.a = std::nullopt;
    return r;
}

inline event draw_event(dice& d, const test_case& c) {
    using rf::fault;
    constexpr std::array faults{
        fault::connection_lost, fault::connection_lost, fault::connection_lost, fault::rolled_back, fault::transient,
        fault::unreachable,     fault::overloaded,      fault::batch_too_large, fault::read_only,   fault::data,
        fault::permanent};
    constexpr std::array moments{rf::testing::when::before, rf::testing::when::after, rf::testing::when::late};
    event e;
    e.side = d.one_in(4) ? rf::side::source : rf::side::target;
    const std::uint64_t batches = c.rows.size() / c.batch_rows + 1;
    e.call = 1 + d.below(e.side == rf::side::target ? 10 + 5 * batches : 6 + batches);
    e.fault = d.of(faults);
    e.moment = d.of(moments);
    if (d.one_in(4)) e.what = event::kind::crash;
    // Without a checkpoint nothing keeps two runs apart, and the double lets both go on.
    if (c.stores_checkpoint && d.one_in(16)) e.what = event::kind::rival;
    if (c.consistent && d.one_in(3)) e = {event::kind::write, rf::side::source, 1 + d.below(6 + batches)};
    return e;
}

/// The case of this seed.
inline test_case draw_case(std::uint64_t seed) {
    dice d(seed);
    test_case c;
    c.seed = seed;
    c.shape = static_cast<std::size_t>(d.below(shapes().size()));
    const table_shape& shape = c.table();
    c.pages = d.one_in(3)   ? paging::incremental
              : d.one_in(6) ? paging::offset
              : d.one_in(6) ? paging::single
                            : paging::keyset;
    c.write = d.of(std::array{rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace,
                              rf::write_kind::skip_existing});
    if (c.is_keyless() || c.is_nullable()) {
        // A table without a key is streamed unless it is one page.
        c.pages = d.one_in(2) ? paging::keyset : c.is_keyless() ? paging::single : paging::offset;
        c.write = rf::write_kind::insert;
    }
    const bool idempotent = is_idempotent(c.write);
    const bool incremental = c.pages == paging::incremental;
    const bool can_do_without = idempotent && (c.pages == paging::keyset || incremental);
    c.stores_checkpoint = !(can_do_without && d.one_in(5));
    c.server_side = d.one_in(4);
    c.truncates = !incremental && d.one_in(8);
    c.filters = d.one_in(5);
    c.renames = d.one_in(5);
    if (c.pages == paging::keyset && d.one_in(6)) c.consistent = c.truncates = true; // each run starts over
    c.resumes = !(idempotent && d.one_in(8));
    if (d.one_in(5)) c.workers = static_cast<unsigned>(1 + d.below(4));
    c.batch_rows = 1 + d.below(5);
    if (d.one_in(4)) c.batch_bytes = 1 + d.below(60);
    c.retry_delay = d.one_in(2) ? 6 : 0;
    for (std::uint64_t n = d.below(13); n > 0; --n) {
        c.rows.push_back(draw_row(d, shape, "note " + std::to_string(n)));
    }
    if (idempotent && !incremental) {
        for (std::uint64_t n = d.below(4); n > 0; --n) c.there.push_back(static_cast<std::size_t>(d.below(13)));
        c.has_extra = d.one_in(3);
    }
    const bool names_refused =
        c.stores_checkpoint && c.resumes && !c.truncates && c.pages != paging::single && !shape.primary_key.empty();
    if (names_refused && d.one_in(6)) c.refused = static_cast<std::size_t>(d.below(13));
    if (incremental) {
        if (idempotent && d.one_in(2)) c.lag = static_cast<int>(1 + d.below(4));
        for (std::uint64_t n = d.below(5); n > 0; --n) {
            later_change change;
            if (idempotent && d.one_in(2)) change.updates = static_cast<std::size_t>(d.below(13));
            change.behind = static_cast<int>(d.below(4)) + (c.lag > 0 ? -c.lag : 1);
            c.later.push_back(change);
        }
    }
    for (std::uint64_t n = d.below(6); n > 0; --n) c.events.push_back(draw_event(d, c));
    return c;
}

/// The case for people, one thing on each line.
inline std::string to_string(const test_case& c) {
    constexpr std::array pages{"keyset", "incremental", "offset", "single page"};
    constexpr std::array moments{"before", "after", "late"};
    constexpr std::array kinds{"fault", "crash of the client", "a rival run", "another client writes"};
    std::string text = std::string(pages[static_cast<std::size_t>(c.pages)]) + ", " + std::string(name(c.write)) +
                       ", batches of " + std::to_string(c.batch_rows) + " rows";
    if (c.batch_bytes != 0) text += " and " + std::to_string(c.batch_bytes) + " bytes";
    if (!c.stores_checkpoint) text += ", without a checkpoint";
    if (c.server_side) text += ", inside one server";
    if (c.truncates) text += ", emptying the target";
    if (!c.resumes) text += ", without resuming";
    if (c.filters) text += ", filtered";
    if (c.renames) text += ", note renamed";
    if (c.consistent) text += ", from one snapshot";
    if (c.workers == 1) text += ", reading ahead";
    if (c.workers > 1) text += ", " + std::to_string(c.workers) + " workers";
    if (c.lag != 0) text += ", lag " + std::to_string(c.lag);
    text += ", retries after " + std::to_string(c.retry_delay) + " s\ncolumns a " + std::string(c.table().a) + ", b " +
            c.table().b + ", w " + c.table().w + ", key (";
    for (const std::string& part : c.is_nullable() ? c.table().unique_key : c.table().primary_key)
        text += (text.ends_with('(') ? "" : ", ") + part;
    text += c.is_nullable() ? "), which may be NULL\n" : ")\n";
    for (const drawn_row& r : c.rows) {
        text += "  row " + rf::to_string({r.a, r.b, watermark(c.table(), r.w), r.note}) + "\n";
    }
    for (const std::size_t i : c.there) text += "  in the target already: row " + std::to_string(i) + "\n";
    if (c.has_extra) text += "  in the target already: a row of its own\n";
    if (c.refused) text += "  refused at first: row " + std::to_string(*c.refused) + "\n";
    for (const later_change& change : c.later) {
        text += "  later: " + (change.updates ? "row " + std::to_string(*change.updates) : std::string("a new row")) +
                " with the largest w and " + std::to_string(change.behind) + "\n";
    }
    for (const event& e : c.events) {
        text += "  " + std::string(name(e.side)) + "'s call " + std::to_string(e.call) + ": " +
                kinds[static_cast<std::size_t>(e.what)];
        if (e.what == event::kind::fault) text += " " + std::string(name(e.fault));
        if (e.what < event::kind::rival) text += ", " + std::string(moments[static_cast<std::size_t>(e.moment)]);
        text += "\n";
    }
    return text;
}

} // namespace property

#endif
