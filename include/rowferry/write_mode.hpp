// SPDX-License-Identifier: BSL-1.0
// What happens to a row whose key is already in the target.
//
//   insert         an error: the default; exact together with a checkpoint in the target's transaction
//   upsert         the row's columns are set to the source's values
//   replace        the old row is deleted and the new one inserted (fires delete triggers)
//   skip_existing  the old row stays
#ifndef ROWFERRY_WRITE_MODE_HPP
#define ROWFERRY_WRITE_MODE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/policy.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// What happens to a row whose key is already in the target, as a value: the models below are its types.
enum class write_kind : std::uint8_t { insert, upsert, replace, skip_existing };

/// The mode as people write it: "insert", "upsert", "replace" or "skip-existing"; a literal.
constexpr std::string_view name(write_kind kind) {
    switch (kind) {
    case write_kind::insert: return "insert";
    case write_kind::upsert: return "upsert";
    case write_kind::replace: return "replace";
    case write_kind::skip_existing: return "skip-existing";
    }
    return "insert";
}

/// True when writing the same rows twice leaves the target as writing them once.
constexpr bool is_idempotent(write_kind kind) { return kind != write_kind::insert; }

/// `kind` is the mode's write_kind, a constant or a member.
template <class P>
concept NamesWriteKind = requires(const P& p) {
    { p.kind } -> std::convertible_to<write_kind>;
};
/// A policy for the slot `write_mode`: what happens to a row whose key is already in the target.
template <class P>
concept WriteMode = detail::fills<P, slot::write_mode> && NamesWriteKind<P>;

/// A row that is there already is an error: the default. Not idempotent, so that it needs a checkpoint or no retries.
struct insert {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::insert;
    static constexpr bool idempotent = false;
};
/// A row that is there already gets the source's values in its copied columns (INSERT … ON DUPLICATE KEY UPDATE).
struct upsert {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::upsert;
    static constexpr bool idempotent = true;
};
/// A row that is there already is deleted and inserted anew (REPLACE), so that triggers on DELETE fire.
struct replace {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::replace;
    static constexpr bool idempotent = true;
};
/// A row that is there already stays as it is, and is counted in report::skipped.
struct skip_existing {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::skip_existing;
    static constexpr bool idempotent = true;
};

/// A write mode chosen at run time, as a tool's option; the compiler has to assume that it is not idempotent.
struct chosen_write_mode {
    using policy_slot = slot::write_mode;
    write_kind kind = write_kind::insert;
};

/// Whether the compiler can rely on the mode being idempotent.
template <class P>
inline constexpr bool always_idempotent = [] {
    if constexpr (requires { P::idempotent; }) {
        return P::idempotent;
    } else {
        return false;
    }
}();

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
