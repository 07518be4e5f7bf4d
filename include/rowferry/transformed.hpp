// SPDX-License-Identifier: BSL-1.0
// Masking rows: a source whose rows are changed, or dropped, on their way.
//
//   auto masked = rf::transformed(source, "mask e-mail addresses", [](rf::editable_row& row) {
//       if (row["status"] == "test") return row.drop();
//       row["email"] = "user" + std::string(row["id"].bytes()) + "@example.org";
//   });
//   rf::report report = ferry.copy(masked, target, "customer");
//
// Not part of rowferry.hpp: who masks no rows does not pay for it.
//   editable_row.hpp          what the function is given
//   transformation.hpp        what the engine knows of it
//   verify/client_digest.hpp  how rows are compared that no server has
#ifndef ROWFERRY_TRANSFORMED_HPP
#define ROWFERRY_TRANSFORMED_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/editable_row.hpp>
#include <rowferry/explain.hpp>
#include <rowferry/incarnation.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/shared_snapshot.hpp>
#include <rowferry/table.hpp>
#include <rowferry/transformation.hpp>
#include <rowferry/verify/client_digest.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/wait_limit.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// A function that rows can pass through: it is called with `editable_row&` and gives nothing. It is const, since several
/// threads may call it at once.
template <class F>
concept Transformation = requires(const F& f, editable_row& row) {
    { f(row) } -> std::same_as<void>;
};

/// Whether rows can pass through F, one sentence for what stands in the way.
template <class F>
consteval bool explain_transformation() {
    constexpr bool is_const = std::is_invocable_v<const F&, editable_row&>;
    constexpr bool changes_itself = !is_const && std::is_invocable_v<F&, editable_row&>;
    constexpr bool gives_nothing = Transformation<F>;
    static_assert(!changes_itself,
                  "rowferry: this transformation changes itself (a mutable lambda?), and several threads may "
                  "call it at once: its operator() has to be const");
    static_assert(is_const || changes_itself,
                  "rowferry: this transformation cannot be called with `rowferry::editable_row&`, as "
                  "[](rowferry::editable_row& row) { row[\"email\"] = \"none\"; }");
    static_assert(gives_nothing || !is_const,
                  "rowferry: this transformation returns a value, which is ignored: it changes a value by "
                  "`row[name] = value`, drops a row by `row.drop()`, and returns nothing");
    return gives_nothing;
}

/// A source's connection whose rows pass through a function. Models Source, TransformsRows and every refinement of the
/// connection inside that a source is asked for. It cannot be copied inside a server: no statement knows the function.
template <class C, class F>
class transformed_connection {
public:
    /// Used by `transformed_source::connect`; the name and the function outlive it.
    transformed_connection(C&& inner, const std::string& name, const F& f)
        : inner_(std::move(inner)), name_(&name), f_(&f) {}

    [[nodiscard]] std::string transformation() const { return *name_; }
    result<void> transform(const transform_request& request, const row_range& rows, kept_rows& into) {
        return detail::transform_rows(request, rows, into, *name_, f_,
                                      [](const void* f, editable_row& row) { (*static_cast<const F*>(f))(row); });
    }
    result<void> read_untransformed(const page_request& page, row_batch& into) { return inner_.read(page, into); }
    template <class Consumer>
    result<void> stream_untransformed(const page_request& page, row_batch& slice,
                                      Consumer consume) requires StreamsRows<C> {
        return inner_.stream(page, slice, consume);
    }
    /// The rows as they are after the transformation. A dropped one is not found.
    result<void> find_rows(const keyed_rows& request, row_batch& into) requires FindsRows<C> {
        keyed_rows all = request;
        all.columns = detail::with_all_stored(*request.table, request.columns);
        row_batch stored;
        if (auto r = inner_.find_rows(all, stored); !r) return r;
        kept_rows left;
        if (auto r = transform(detail::transform_of(*request.table, all.columns, request.order), stored, left); !r)
            return r;
        into.reset(request.columns.size());
        for (const row_view row : left.rows()) {
            for (std::size_t i = 0; i < request.columns.size(); ++i) into.add(row[i]);
        }
        if (stored.truncated()) into.set_truncated();
        return {};
    }
    /// The connection inside, by which a target tells whether both are one server.
    [[nodiscard]] C* underlying() { return &inner_; }

    result<void> ping() { return inner_.ping(); }
    /// Without the keys that the server computes: the function may change what they are computed from.
    result<std::optional<table_schema>> describe(std::string_view table) {
        auto found = inner_.describe(table);
        if (found && *found) detail::leave_out_computed_keys(**found);
        return found;
    }
    void limit_waits(const wait_limit& limit) requires LimitsWaits<C> { inner_.limit_waits(limit); }
    [[nodiscard]] std::string session() const requires EndsSessions<C> { return std::string(inner_.session()); }
    result<void> end_session(std::string_view lost) requires EndsSessions<C> { return inner_.end_session(lost); }
    void hide_secrets(error& e) const requires HidesSecrets<C> { inner_.hide_secrets(e); }
    [[nodiscard]] server_identity server() const requires IdentifiesServer<C> { return inner_.server(); }
    result<std::optional<std::uint64_t>> count(const count_request& request) requires CountsRows<C> {
        return inner_.count(request);
    }
    result<std::uint64_t> estimate(const page_request& page) requires EstimatesRows<C> { return inner_.estimate(page); }
    result<std::uint64_t> largest_step(const table_schema& table, std::size_t column,
                                       std::string_view filter) requires MeasuresSteps<C> {
        return inner_.largest_step(table, column, filter);
    }
    result<value> maximum(const table_schema& table, std::size_t column) requires FindsMaximum<C> {
        return inner_.maximum(table, column);
    }
    result<value> maximum_until(const table_schema& table, std::size_t column,
                                const value& limit) requires KnowsTime<C> {
        return inner_.maximum_until(table, column, limit);
    }
    result<std::string> utc_time() requires KnowsTime<C> { return inner_.utc_time(); }
    result<void> check_filter(const table_schema& table, std::string_view filter) requires ChecksFilters<C> {
        return inner_.check_filter(table, filter);
    }
    result<table_definition> definition(const table_schema& table) requires ShowsDefinition<C> {
        return inner_.definition(table);
    }
    result<table_incarnation> incarnation(const table_schema& table) requires TellsIncarnation<C> {
        return inner_.incarnation(table);
    }
    result<table_incarnation> recent_incarnation(const table_schema& table) requires TellsRecentIncarnation<C> {
        return inner_.recent_incarnation(table);
    }
    result<rowferry::computing_settings> computing_settings() requires TellsComputingSettings<C> {
        return inner_.computing_settings();
    }
    result<std::vector<zone_dependence>> zone_dependences(const table_schema& table,
                                                          std::string_view statement) requires FindsZoneDependences<C> {
        return inner_.zone_dependences(table, statement);
    }
    [[nodiscard]] std::string time_zone() const requires KnowsTimeZone<C> { return std::string(inner_.time_zone()); }
    result<std::vector<std::string>> tables() requires ListsTables<C> { return inner_.tables(); }
    result<table_listing> list_tables() requires ListsWholeCatalog<C> { return inner_.list_tables(); }
    result<snapshot_info> open_snapshot() requires HoldsSnapshot<C> { return inner_.open_snapshot(); }
    [[nodiscard]] bool in_snapshot() const requires HoldsSnapshot<C> { return inner_.in_snapshot(); }

private:
    C inner_;
    const std::string* name_;
    const F* f_;
};

/// Connector: makes connections whose rows pass through a function. The connector inside is held by reference and outlives it;
/// it outlives the connections. See `transformed`.
template <class Connector, class F>
class transformed_source {
    static constexpr bool holds_snapshot = detail::is_shared_snapshot<Connector>;

public:
    using connection_type = transformed_connection<connection_of<Connector>, F>;

    /// Used by `transformed`.
    transformed_source(Connector& source, std::string name, F f)
        : source_(&source), name_(std::move(name)), f_(std::move(f)) {}
    transformed_source(const transformed_source&) = delete;
    transformed_source& operator=(const transformed_source&) = delete;
    ~transformed_source() = default;

    result<connection_type> connect() { return wrapped(source_->connect()); }
    /// The same, whose waits `limit` ends early.
    result<connection_type> connect(const wait_limit& limit) requires ConnectsWithin<Connector> {
        return wrapped(source_->connect(limit));
    }
    [[nodiscard]] std::string identity() const { return std::as_const(*source_).identity(); }
    [[nodiscard]] std::string address() const requires NamesServer<Connector> {
        return std::as_const(*source_).address();
    }
    /// What the transformation is called.
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Forwards to the shared_snapshot inside.
    [[nodiscard]] const auto& info() const requires holds_snapshot { return source_->info(); }
    [[nodiscard]] const auto& loss() const requires holds_snapshot { return source_->loss(); }
    void renew() requires holds_snapshot { source_->renew(); }

private:
    template <class Made>
    result<connection_type> wrapped(Made made) {
        if (!made) return std::move(made.error());
        return connection_type(std::move(*made), name_, f_);
    }

    Connector* source_;
    std::string name_;
    F f_;
};

namespace detail {
/// Another wrapper's snapshot is still one.
template <class Connector, class F>
inline constexpr bool is_shared_snapshot<transformed_source<Connector, F>> = is_shared_snapshot<Connector>;

/// What a source has to be for its rows to be transformed, as deduced for an argument.
template <class Given>
consteval bool explain_transformable() {
    using source = std::remove_reference_t<Given>;
    constexpr bool lasts = std::is_lvalue_reference_v<Given>;
    static_assert(lasts, "rowferry: this connector is a temporary: give it a name, and it can be used again");
    if constexpr (lasts && explain_connector<source>()) {
        constexpr bool is_once = !TransformsRows<connection_of<source>>;
        static_assert(is_once,
                      "rowferry: this source is transformed already: have one function do both, under one name");
        return is_once && explain_source<connection_of<source>>();
    } else {
        return false;
    }
}
} // namespace detail

/// A source whose rows pass through `f(row)`, which changes values and drops rows: for copies and verifications. `source` is a
/// connector, or a shared_snapshot of one, and outlives what is given.
///
/// `name` is a part of the job's identity: a copy under another name, or without a transformation, is not continued. Give another
/// name when `f` does something else. It is 1 to 100 bytes long, without quotes and control characters.
///
/// `f` may be called again for the same row, in any order, and by several threads at once. It has to do the same to a row each
/// time, or a verification finds differences. What it throws ends the copy at that row: a permanent error with what() and the
/// row's key, and nothing of its batch is written. It cannot change the primary key, nor the columns that order pages.
/// A key over a generated column is not used.
///
/// Rows are never copied inside a server, and are verified and repaired by what `f` gives: both sides' rows are read, and
/// hashed here. A row that `f` drops is an extra row where the target has it.
template <class Source, class F>
[[nodiscard]] auto transformed(Source&& source, std::string name, F f) {
    constexpr bool is_function = explain_transformation<F>();
    if constexpr (is_function && detail::explain_transformable<Source>()) {
        return transformed_source<std::remove_reference_t<Source>, F>(source, std::move(name), std::move(f));
    } else {
        return false;
    }
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
