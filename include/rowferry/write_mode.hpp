// SPDX-License-Identifier: BSL-1.0
// What happens to a row whose key is already in the target.
//
//   insert         an error: the default; exact together with a checkpoint in the target's transaction
//   upsert         the row's columns are set to the source's values
//   replace        the old row is deleted and the new one inserted (fires delete triggers)
//   skip_existing  the old row stays
#ifndef ROWFERRY_WRITE_MODE_HPP
#define ROWFERRY_WRITE_MODE_HPP

#include <rowferry/policy.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace rowferry {
inline namespace v0 {

enum class write_kind : std::uint8_t { insert, upsert, replace, skip_existing };

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

template <class P>
concept NamesWriteKind = requires(const P& p) {
    { p.kind } -> std::convertible_to<write_kind>;
};
template <class P>
concept WriteMode = detail::fills<P, slot::write_mode> && NamesWriteKind<P>;

struct insert {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::insert;
    static constexpr bool idempotent = false;
};
struct upsert {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::upsert;
    static constexpr bool idempotent = true;
};
struct replace {
    using policy_slot = slot::write_mode;
    static constexpr write_kind kind = write_kind::replace;
    static constexpr bool idempotent = true;
};
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

#endif
