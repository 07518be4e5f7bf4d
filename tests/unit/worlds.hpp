// SPDX-License-Identifier: BSL-1.0
// Two doubles, a clock that does not wait, and tables to copy between them.
#ifndef ROWFERRY_TESTS_UNIT_WORLDS_HPP
#define ROWFERRY_TESTS_UNIT_WORLDS_HPP

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <cstdint>
#include <string>

namespace worlds {

namespace rf = rowferry;

struct two_databases {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    rf::testing::manual_timing timing;
    rf::testing::recording_observer events;

    /// A table `procnote` on both sides, with `rows` rows on the source; ids with gaps, from a negative one on.
    explicit two_databases(std::uint64_t rows = 0) {
        for (auto* database : {&source, &target}) {
            database->create_table(
                "procnote", {{"ProcNoteNum", "bigint not null"}, {"EntryDateTime", "datetime(6)"}, {"Note", "text"}},
                {"ProcNoteNum"});
        }
        source.fill("procnote", rows, [](std::uint64_t i) {
            const auto id = static_cast<std::int64_t>(i * 3) - 5;
            return rf::key_values{std::to_string(id), "2026-01-01 00:00:00.000001", "note " + std::to_string(i)};
        });
    }

    template <class Pipeline>
    rf::report copy(const Pipeline& ferry) {
        return ferry.copy(source, target, "procnote", timing, events);
    }
    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, const rf::copy_request& request) {
        return ferry.copy(source, target, request, timing, events);
    }
    [[nodiscard]] bool equal() const { return source.has_same_rows("procnote", target, "procnote"); }
};

/// Why a copy is not complete; empty when it is.
inline std::string why(const rf::report& report) {
    return report.failure ? rf::to_string(*report.failure) : std::string();
}

/// Whether a copy or verification failed, and its error offers this remedy.
template <class Report>
bool offers(const Report& report, rf::remedy::action wanted) {
    return report.failure && report.failure->offers(wanted);
}

} // namespace worlds

#endif
