// SPDX-License-Identifier: BSL-1.0
// What of a session the values depend on that a server computes with each row: generated columns, checks, partitions.
#ifndef ROWFERRY_COMPUTING_SETTINGS_HPP
#define ROWFERRY_COMPUTING_SETTINGS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/table.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// What new sessions of a server compute under, unless they say otherwise.
struct computing_settings {
    std::vector<setting> values = {}; ///< the client's list, always in one order
    std::string time_zone = {};       ///< as the server spells it
    bool is_utc = true;               ///< of the time zone
    bool is_fixed = true;             ///< the time zone is an offset that a session can be told, and never changes
    bool pads_char = false;           ///< CHAR is read with blanks up to its length, which no session of ours does
    bool rounds_quotients = false;    ///< to the digits that it shows; else an expression goes on with more of them
};

/// Name of the setting for fractions of a second beyond the type's precision: "rounded" or "cut". Servers have opposite
/// defaults.
inline constexpr std::string_view fraction_setting = "fractions of a second";

/// How the target computes generated columns and checks: as strictly as it writes, or as without strict mode.
enum class strictness : std::uint8_t { strict, lenient };

/// Name of the setting for values lost while computing: absent, they are errors; `computed_leniently`, they pass.
/// Written values stay strict.
inline constexpr std::string_view strictness_setting = "strictness of computing";
inline constexpr std::string_view computed_leniently = "lenient";

/// Something that a server computes by the session's time zone.
struct zone_dependence {
    std::string what = {}; ///< for people, as "generated column day"
    /// The column whose default it is: computed only where that is not written; else empty
    std::string default_of = {};
    bool is_check = false; ///< nothing is stored: a row that fails a CHECK is an error
};

/// `computing_settings` gives what new sessions of the server compute under. `compute_as` has this connection compute under
/// other settings, for good, or refuses those that its server does not take.
template <class C>
concept TellsComputingSettings = requires(C& c) {
    { c.computing_settings() } -> detail::gives<computing_settings>;
};
template <class C>
concept ComputesAs = requires(C& c, const std::vector<setting>& settings) {
    { c.compute_as(settings) } -> detail::gives<void>;
};
/// `reopen` has the server open a table anew under the settings that its sessions have by then, where it keeps tables
/// open. Gives why it could not, as "another client uses the table"; empty where it was done.
template <class C>
concept ReopensTables = requires(C& c, const table_schema& table) {
    { c.reopen(table) } -> detail::gives<std::string>;
};
/// `zone_dependences` gives what the table's server computes by the session's time zone; by the statement that is to create
/// it, unless that is empty.
template <class C>
concept FindsZoneDependences = requires(C& c, const table_schema& table, std::string_view statement) {
    { c.zone_dependences(table, statement) } -> detail::gives<std::vector<zone_dependence>>;
};
/// `time_zone` is the one in which the connection takes and gives points in time; empty is UTC.
template <class C>
concept KnowsTimeZone = requires(const C& c) {
    { c.time_zone() } -> std::convertible_to<std::string>;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
