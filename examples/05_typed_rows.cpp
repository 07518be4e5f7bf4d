// SPDX-License-Identifier: BSL-1.0
// Typed rows: a struct for a row, pages of a table as a range, and rows written back.
// The databases are doubles in memory; with rf::mysql::connector in their place the rest stays as it is.
#include <rowferry/connection_manager.hpp>
#include <rowferry/ranges.hpp>
#include <rowferry/record.hpp>
#include <rowferry/testing.hpp>

#include <fmt/core.h>
#include <range/v3/view/cache1.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/transform.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace rf = rowferry;

// The fields bear the names of the columns that are wanted; a column that may be NULL is a std::optional.
struct proc_note {
    std::int64_t ProcNoteNum;
    std::uint32_t UserNum;
    std::optional<std::string> Note;
    bool IsSigned;
};

// The same with three mistakes.
struct careless_note {
    std::int32_t ProcNoteNum;
    std::string Note;
    std::int64_t PatientNum;
};

rf::testing::fake_database make_database(const std::string& name) {
    rf::testing::fake_database db(name);
    db.create_table("procnote",
                    {{"ProcNoteNum", "bigint not null"},
                     {"EntryDateTime", "datetime"},
                     {"UserNum", "int unsigned not null"},
                     {"Note", "text"},
                     {"IsSigned", "tinyint(1) not null default 0"}},
                    {"ProcNoteNum"});
    return db;
}

int main() try {
    rf::testing::fake_database source = make_database("clinic");
    source.insert("procnote", {"1", "2026-01-05 09:12:00", "7", "Prophylaxis, no findings", "1"});
    source.insert("procnote", {"2", "2026-01-05 10:30:00", "7", std::nullopt, "0"});
    source.insert("procnote", {"5", "2026-01-06 08:00:00", "4294967295", "Crown prep #14, \"temporary\" placed", "1"});
    source.insert("procnote", {"9", std::nullopt, "3", "Patient called, rescheduled", "0"});

    // A manager retries; here on a clock that does not wait, and with a connection that is lost in the second page.
    rf::testing::manual_timing timing;
    auto manager = rf::make_connection_manager(source, rf::environment(timing), rf::exponential_backoff{});
    source.fail_at(4, rf::fault::connection_lost);

    const rf::table_schema schema = manager.run([](auto& c) { return c.describe("procnote"); }).value().value();

    // Every mismatch in one message, before a row is read.
    if (auto careless = rf::bind_record<careless_note>(schema); !careless) {
        fmt::print("{}\n\n", careless.error().message);
    }
    const auto binding = rf::bind_record<proc_note>(schema).value();

    // Page by page. A loop ends at an error, so ask for it behind the loop.
    auto pages = rf::pages(manager, schema, rf::keyset_pages{}, {.rows = 2});
    for (const rf::row_batch& page : pages) {
        for (const proc_note& note : rf::records(page, binding)) {
            fmt::print("{} by {}: {}{}\n", note.ProcNoteNum, note.UserNum, note.Note.value_or("(none)"),
                       note.IsSigned ? " (signed)" : "");
        }
    }
    if (pages.error()) throw rf::copy_error(*pages.error());
    fmt::print("connections lost and replaced meanwhile: {}\n\n", manager.stats().recoveries);

    // Row by row, through views; and the signed notes on their way to another table.
    auto again = rf::pages(manager, schema);
    auto signed_notes =
        again.rows() |
        ranges::views::transform([&](rf::row_view row) { return rf::read_record(row, binding).value(); }) |
        ranges::views::cache1 | // convert each row once
        ranges::views::filter([](const proc_note& note) { return note.IsSigned; });
    rf::row_batch archive;
    for (proc_note note : signed_notes) {
        note.Note = "archived: " + note.Note.value_or("");
        rf::append_record(archive, note).value();
    }
    if (again.error()) throw rf::copy_error(*again.error());

    rf::testing::fake_database target = make_database("archive");
    auto connection = target.connect().value();
    rf::write_request request;
    request.table = &schema;
    request.columns = binding.columns; // the fields' columns; the others get their defaults
    connection.begin().value();
    fmt::print("written: {} rows\n", connection.write(request, archive).value().rows);
    connection.commit().value();
    for (const rf::testing::row& row : target.rows("procnote")) {
        fmt::print("{}: {}\n", row[0].value_or("NULL"), row[3].value_or("NULL"));
    }
    return 0;
} catch (const rf::copy_error& e) {
    fmt::print(stderr, "05_typed_rows: {}\n", e.what());
    return 1;
}
