// SPDX-License-Identifier: BSL-1.0
// The options of a table.
#ifndef ROWFERRY_SQL_GRAMMAR_OPTION_HPP
#define ROWFERRY_SQL_GRAMMAR_OPTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/grammar/column.hpp>
#include <rowferry/sql/grammar/cursor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// What follows the name of a table's option.
enum class option_kind : std::uint8_t {
    number, ///< digits
    choice, ///< one of a few words, or digits
    string, ///< text
    name,   ///< of an engine, a charset, a collation, a tablespace
    tables, ///< other tables: UNION's. They are not kept.
    engine, ///< an option that only the engine knows
    flag    ///< nothing
};

/// An option of a table.
struct table_option {
    std::string key = {}; ///< in lower case, as "row_format" or "data directory"; for an engine's option, its name
    option_kind kind = option_kind::number;
    std::string value = {};
    engine_option of_engine;
    friend bool operator==(const table_option&, const table_option&) = default;
};

/// Reads the options of a table.
class option_reader {
public:
    explicit option_reader(cursor& from) : c_(from) {}

    /// Up to the partitions, or the end.
    std::vector<table_option> read() {
        constexpr std::size_t most = 2 * most_attributes;
        std::vector<table_option> options;
        c_.reads("the table's options");
        while (!c_.at_end() && !is_at_partitions()) {
            if (c_.pass_mark() || c_.accept(",")) continue;
            options.push_back(one());
            if (options.size() > most) c_.fail("there are more than " + std::to_string(most));
        }
        return options;
    }
    /// Whether PARTITION BY follows, in a version comment too.
    [[nodiscard]] bool is_at_partitions() const {
        if (c_.at("partition")) return true;
        return c_.kind() == token_kind::open_comment && c_.ahead().is("partition");
    }

private:
    struct rule {
        std::string_view key = {};
        option_kind kind;
    };

    table_option one() {
        constexpr std::array<rule, 31> rules{{{"auto_increment", option_kind::number},
                                              {"autoextend_size", option_kind::number},
                                              {"avg_row_length", option_kind::number},
                                              {"checksum", option_kind::number},
                                              {"comment", option_kind::string},
                                              {"compression", option_kind::string},
                                              {"connection", option_kind::string},
                                              {"delay_key_write", option_kind::number},
                                              {"encryption", option_kind::string},
                                              {"encrypted", option_kind::engine},
                                              {"encryption_key_id", option_kind::engine},
                                              {"engine", option_kind::name},
                                              {"engine_attribute", option_kind::string},
                                              {"insert_method", option_kind::choice},
                                              {"key_block_size", option_kind::number},
                                              {"max_rows", option_kind::number},
                                              {"min_rows", option_kind::number},
                                              {"pack_keys", option_kind::choice},
                                              {"page_checksum", option_kind::number},
                                              {"page_compressed", option_kind::engine},
                                              {"page_compression_level", option_kind::engine},
                                              {"row_format", option_kind::choice},
                                              {"secondary_engine", option_kind::name},
                                              {"secondary_engine_attribute", option_kind::string},
                                              {"stats_auto_recalc", option_kind::choice},
                                              {"stats_persistent", option_kind::choice},
                                              {"stats_sample_pages", option_kind::choice},
                                              {"storage", option_kind::choice},
                                              {"tablespace", option_kind::name},
                                              {"transactional", option_kind::choice},
                                              {"union", option_kind::tables}}};
        if (c_.kind() == token_kind::name) return engine_own();
        if (c_.accept("with")) {
            c_.expect("system", "versioning");
            return {"with system versioning", option_kind::flag, {}, {}};
        }
        if (c_.accept("data", "directory")) return value("data directory", option_kind::string);
        if (c_.accept("index", "directory")) return value("index directory", option_kind::string);
        c_.accept("default");
        if (c_.accept("charset") || c_.accept("character", "set")) return charset();
        if (c_.accept("collate")) return collation();
        for (const rule& r : rules) {
            if (!c_.at(r.key)) continue;
            if (r.kind == option_kind::engine) return engine_own();
            c_.take();
            return value(r.key, r.kind);
        }
        c_.fail("the option " + shown(c_.now()) + " is not known");
        return {};
    }
    table_option engine_own() {
        table_option option;
        option.of_engine = read_engine_option(c_);
        option.kind = option_kind::engine;
        option.key = lower(option.of_engine.name);
        return option;
    }
    table_option charset() {
        c_.accept("=");
        return {"charset", option_kind::name, c_.charset(), {}};
    }
    table_option collation() {
        c_.accept("=");
        return {"collate", option_kind::name, c_.collation(), {}};
    }
    table_option value(std::string_view key, option_kind kind) {
        constexpr std::array<std::string_view, 13> choices{"default", "dynamic", "fixed", "compressed", "redundant",
                                                           "compact", "page",    "no",    "first",      "last",
                                                           "disk",    "memory",  "paged"};
        table_option option{std::string(key), kind, {}, {}};
        c_.accept("=");
        switch (kind) {
        case option_kind::number: option.value = c_.digits(); break;
        case option_kind::string: option.value = c_.string(); break;
        case option_kind::name: option.value = key == "tablespace" ? c_.name() : c_.plain_name(); break;
        case option_kind::tables: tables(); break;
        case option_kind::choice:
            option.value = known(choices, c_.now().text);
            if (c_.kind() == token_kind::word && !option.value.empty()) {
                c_.take();
            } else {
                option.value = c_.digits();
            }
            break;
        case option_kind::engine:
        case option_kind::flag: break;
        }
        return option;
    }
    void tables() {
        c_.expect("(");
        if (!c_.at(")")) {
            do {
                c_.name();
                if (c_.accept(".")) c_.name();
            } while (c_.accept(","));
        }
        c_.expect(")");
    }

    cursor& c_;
};

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
