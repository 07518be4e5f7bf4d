// SPDX-License-Identifier: BSL-1.0
// The last key committed, stored in the target in the same transaction as the rows: what makes a retry after a lost
// COMMIT exact, and a crash resumable.
//
//   checkpoint_in_target  the default
//   no_checkpoint         nothing is stored; then a retried insert could double rows, which the pipeline refuses to compile
//   accept_duplicates     the explicit way out of that rule
#ifndef ROWFERRY_CHECKPOINT_HPP
#define ROWFERRY_CHECKPOINT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fingerprint.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Rows that are still to be copied: those behind `after` up to and with `up_to`, in the page order. An empty `after` is
/// before the first row, and an empty `up_to` behind the last.
struct key_range {
    key_values after = {};
    key_values up_to = {};

    friend bool operator==(const key_range&, const key_range&) = default;
};

/// How far one job came. A job is one source table, target table and way of paging; a run is one execution of it.
struct checkpoint {
    std::string job = {};          ///< 32 hex digits: which job
    std::string title = {};        ///< the job, for people
    std::string target_table = {}; ///< which table of the target's database it fills
    std::string definition = {};   ///< columns and page order: a job whose definition changed is refused, not resumed
    std::string run = {};          ///< which run owns it: a second run takes it over, and the first one then stops
    std::uint64_t batches = 0;     ///< transactions committed; the sequence number that a retry compares
    std::uint64_t rows = 0;        ///< rows committed
    key_values last_key = {};      ///< all rows up to this one are committed but for `gaps`; empty before the first
    bool complete = false;         ///< the last page was reached
    bool begun_alone = false;      ///< by inserts into an empty table, which then holds these rows and no others
    /// What is not committed up to `last_key`: the ranges of workers that ran beside each other. Each has an end that no
    /// other one has, and is known by it.
    std::vector<key_range> gaps = {};

    /// Says the same with one range more: the range that ends at `up_to`, or what comes behind `last_key` when that is
    /// empty, is divided behind the row with the key `middle`, which lies inside.
    void divide(const key_values& up_to, const key_values& middle) {
        if (up_to.empty()) {
            gaps.push_back({last_key, middle});
            last_key = middle;
            return;
        }
        for (std::size_t i = 0; i < gaps.size(); ++i) {
            if (gaps[i].up_to != up_to) continue;
            gaps.push_back({middle, up_to});
            gaps[i].up_to = middle;
            return;
        }
    }
    /// Notes that the rows of that range are committed up to the one with the key `to`.
    void advance(const key_values& up_to, const key_values& to) {
        if (up_to.empty()) last_key = to;
        for (key_range& gap : gaps) {
            if (gap.up_to == up_to) gap.after = to;
        }
    }
    /// Notes that a gap has no rows left.
    void close(const key_values& up_to) {
        std::erase_if(gaps, [&](const key_range& gap) { return gap.up_to == up_to; });
    }

    friend bool operator==(const checkpoint&, const checkpoint&) = default;
};

/// A checkpoint in a list, with the time of its last change.
struct listed_checkpoint {
    checkpoint entry = {};
    std::string updated_at = {};     ///< in UTC, as "2026-03-01 12:00:00.000000"; empty where no time is kept
    bool has_unreadable_key = false; ///< the last key is nothing that rowferry writes, and is left empty here
    key_forms last_key_forms = {};   ///< how it is shown; empty where that is not known

    friend bool operator==(const listed_checkpoint&, const listed_checkpoint&) = default;
};

namespace detail {
/// The refusal of a checkpoint that no copy has saved.
inline error senseless_checkpoint(const checkpoint& found, const std::string& what) {
    error e = refusal("the checkpoint of job " + found.job + (found.title.empty() ? "" : " (" + found.title + ")") +
                          " makes no sense: " + what,
                      {{remedy::start_over_into_empty}});
    e.cause = cause::senseless_answer;
    return e;
}
} // namespace detail

/// How a checkpoint is read: as it stands, or after waiting for a transaction that is still writing it. A retry after
/// a lost COMMIT waits, because the server may not have noticed yet that the client is gone.
enum class checkpoint_read : std::uint8_t { as_it_stands, settled };

/// How a run begins when it makes itself the owner of its job.
struct claim {
    bool keeps_progress = true; ///< of an entry that is there; else it begins at zero
    /// Forget the other jobs that fill the target table if that is empty, after those that are writing it have ended; if it
    /// has rows, leave them all. An entry that this claim makes, or sets to zero, notes it as `checkpoint::begun_alone`.
    bool alone = false;
    bool emptying = false; ///< truncate the target table, begin at zero, and forget all other jobs that fill it
};

/// A policy for the slot `checkpoint`: whether the target keeps one. `stores` is a constant.
template <class P>
concept CheckpointPolicy = detail::fills<P, slot::checkpoint> && requires {
    bool{P::stores};
};

/// Keeps the checkpoint in the target, in the transaction of the rows: the default. The target has to be a `CheckpointStore`.
struct checkpoint_in_target {
    using policy_slot = slot::checkpoint;
    static constexpr bool stores = true;
};
/// Keeps none: a run starts at the first row, and a retried insert could double rows.
struct no_checkpoint {
    using policy_slot = slot::checkpoint;
    static constexpr bool stores = false;
};

/// Says that doubled rows are acceptable after a lost connection.
struct accept_duplicates {
    using policy_slot = slot::duplicates;
    static constexpr bool accepts = true;
};
/// The default: they are not.
struct exactly_once {
    using policy_slot = slot::duplicates;
    static constexpr bool accepts = false;
};

/// The name of a job: the fingerprint of what it is.
inline std::string job_id(std::string_view text) { return fingerprint(text); }

/// Key values as one line of ASCII, exactly: `,` between values, `~` for NULL, `%XX` for all but plain characters.
inline std::string encode_key(const key_values& key) {
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (i > 0) text += ',';
        if (!key[i]) {
            text += '~';
            continue;
        }
        for (char c : *key[i]) {
            const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                               c == '_' || c == '.' || c == ':' || c == ' ';
            if (plain) {
                text += c;
            } else {
                const auto byte = static_cast<unsigned char>(c);
                text += '%';
                text += "0123456789ABCDEF"[byte >> 4U];
                text += "0123456789ABCDEF"[byte & 15U];
            }
        }
    }
    // One empty value would look like no value at all.
    if (key.size() == 1 && key[0] && key[0]->empty()) return "''";
    return text;
}

/// The inverse of `encode_key`; none for text that it never writes.
inline std::optional<key_values> decode_key(std::string_view text) {
    key_values key;
    if (text.empty()) return key;
    if (text == "''") return key_values{value{std::string{}}};
    auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
    key.emplace_back(std::string{});
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',') {
            key.emplace_back(std::string{});
        } else if (text[i] == '~') {
            key.back() = std::nullopt;
        } else if (!key.back()) {
            return std::nullopt;
        } else if (text[i] != '%') {
            *key.back() += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = digit(text[i + 1]);
            const int low = digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            *key.back() += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    if (encode_key(key) != text) return std::nullopt; // as "%41" for A, or a character that is always encoded
    return key;
}

/// What is left of a job as one line of ASCII, exactly: the last key alone, or "%ranges;LAST;AFTER>UP_TO;…" with gaps. (A
/// rowferry that knows of no gaps finds a key there that it never writes, and refuses.)
inline std::string encode_position(const checkpoint& at) {
    if (at.gaps.empty()) return encode_key(at.last_key);
    std::string text = "%ranges;" + encode_key(at.last_key);
    for (const key_range& gap : at.gaps) text += ';' + encode_key(gap.after) + '>' + encode_key(gap.up_to);
    return text;
}

/// How many ranges a position may have: far more than a copy has workers. Each is asked of the source when it is resumed.
inline constexpr std::size_t most_gaps = 4096;

/// The inverse of `encode_position`, into `last_key` and `gaps`; false, and neither is changed, for text that it never
/// writes, or that has more than `most_gaps` ranges.
inline bool decode_position(std::string_view text, checkpoint& into) {
    constexpr std::string_view mark = "%ranges;";
    std::vector<key_range> gaps;
    std::optional<key_values> last;
    if (!text.starts_with(mark)) {
        last = decode_key(text);
    } else {
        text.remove_prefix(mark.size());
        last = decode_key(text.substr(0, text.find(';')));
        while (text.find(';') != text.npos) {
            if (gaps.size() == most_gaps) return false;
            text.remove_prefix(text.find(';') + 1);
            const std::string_view range = text.substr(0, text.find(';'));
            const std::size_t arrow = range.find('>');
            if (arrow == range.npos) return false;
            auto after = decode_key(range.substr(0, arrow));
            auto up_to = decode_key(range.substr(arrow + 1));
            if (!after || !up_to || up_to->empty()) return false;
            gaps.push_back({std::move(*after), std::move(*up_to)});
        }
        if (gaps.empty()) return false;
    }
    if (!last) return false;
    into.last_key = std::move(*last);
    into.gaps = std::move(gaps);
    return true;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
