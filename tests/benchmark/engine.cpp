// SPDX-License-Identifier: BSL-1.0
// The engine over the in-memory double, and a loop written by hand that makes the same calls: for callgrind to count.
//
//   engine pipeline|hand ROWS
//
// callgrind counts inside `rowferry_counted_*` only (--toggle-collect), so that filling the source is left out; what a run
// does once is left out by the difference of two row counts. Prints one line of JSON: how often each call was made, which
// is the same for both.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

namespace counted {

namespace rf = rowferry;
using rf::testing::operation;

constexpr std::uint64_t batch_rows = 1000;

struct world {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};

    explicit world(std::uint64_t rows) {
        for (auto* database : {&source, &target}) {
            database->create_table("procnote",
                                   {{"ProcNoteNum", "bigint not null"},
                                    {"PatNum", "bigint not null"},
                                    {"EntryDateTime", "datetime"},
                                    {"Note", "text"}},
                                   {"ProcNoteNum"});
        }
        source.fill("procnote", rows, [](std::uint64_t i) {
            return rf::key_values{std::to_string(3 + i * 2), std::to_string(1 + i % 40'000), "2026-01-01 00:00:00",
                                  "Tooth #14 restored with composite; occlusion checked, no. " + std::to_string(i)};
        });
    }
};

/// What anybody would write who trusts both servers and the network.
inline void copy_by_hand(rf::testing::fake_connection& source, rf::testing::fake_connection& target,
                         const rf::copy_plan& plan) {
    rf::write_request write = plan.write;
    write.table = &plan.target;
    rf::checkpoint at = target.claim_checkpoint(plan.entry, {.alone = true}).value();
    if (!target.is_empty(plan.target).value()) throw rf::copy_error(rf::refusal("the target has rows"));

    rf::row_batch batch;
    for (bool last = false; !last;) {
        rf::page_request page;
        page.table = &plan.source;
        page.columns = plan.read_columns;
        page.order = plan.order.parts;
        page.index = plan.order.index;
        page.max_rows = batch_rows;
        if (!at.last_key.empty()) page.after = rf::page_bound{at.last_key, false};
        source.read(page, batch).value();
        if (batch.empty()) return;

        last = batch.rows() < batch_rows;
        at.last_key = {batch.at(batch.rows() - 1, plan.order_cells.front()).to_value()};
        at.rows += batch.rows();
        ++at.batches;
        at.complete = last;
        target.begin().value();
        target.write(write, batch).value();
        target.save_checkpoint(at).value();
        target.commit().value();
    }
    rf::count_request all;
    all.table = &plan.target;
    if (target.count(all).value() != at.rows) throw rf::copy_error(rf::refusal("the target has other rows"));
}

/// The last look, by a fresh connection: the checkpoint, and the rows.
inline void look_again(rf::testing::fake_connection target, const rf::copy_plan& plan) {
    target.begin().value();
    const auto at = target.load_checkpoint(plan.entry.job, rf::checkpoint_read::as_it_stands).value();
    rf::count_request all;
    all.table = &plan.target;
    if (!at || target.count(all).value() != at->rows) throw rf::copy_error(rf::refusal("the target has other rows"));
    target.rollback().value();
}

constexpr rf::fixed_batch batches{.rows = batch_rows, .bytes = 0};

} // namespace counted

using namespace counted;

extern "C" {
[[gnu::noinline]] bool rowferry_counted_pipeline(world& w) {
    const rf::pipeline ferry{rf::keyset_pages{}, batches, rf::exponential_backoff{}, rf::checkpoint_in_target{}};
    return ferry.copy(w.source, w.target, "procnote").complete();
}
[[gnu::noinline]] bool rowferry_counted_hand(world& w, const rf::copy_plan& plan) {
    auto source = w.source.connect().value();
    auto target = w.target.connect().value();
    copy_by_hand(source, target, plan);
    look_again(w.target.connect().value(), plan);
    return true;
}
}

int main(int argc, char** argv) {
    const bool is_hand = argc == 3 && std::strcmp(argv[1], "hand") == 0;
    if (argc != 3 || (!is_hand && std::strcmp(argv[1], "pipeline") != 0)) {
        std::fprintf(stderr, "usage: %s pipeline|hand ROWS\n", argv[0]);
        return 2;
    }
    try {
        world w(std::stoull(argv[2]));
        bool done = false;
        if (is_hand) {
            const auto plan = rf::pipeline{batches}.plan(w.source, w.target, {.table = "procnote"}).value();
            done = rowferry_counted_hand(w, plan);
        } else {
            done = rowferry_counted_pipeline(w);
        }
        done = done && w.source.has_same_rows("procnote", w.target, "procnote");
        const auto calls = [](const rf::testing::fake_database& database, operation op) {
            return static_cast<unsigned long long>(database.calls(op));
        };
        std::printf(R"({"read":%llu,"begin":%llu,"write":%llu,"save":%llu,"commit":%llu,"count":%llu})",
                    calls(w.source, operation::read), calls(w.target, operation::begin),
                    calls(w.target, operation::write), calls(w.target, operation::save_checkpoint),
                    calls(w.target, operation::commit), calls(w.target, operation::count));
        std::printf("\n");
        if (!done) std::fprintf(stderr, "engine: the copy is not complete\n");
        return done ? 0 : 1;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "engine: %s\n", e.what());
        return 1;
    }
}
