// SPDX-License-Identifier: BSL-1.0
#include "property/ferry.hpp"

#include <chrono>
#include <utility>

namespace property {
namespace {

/// The copy as the case asks for it: each kind of pipeline is compiled once, the rest is chosen at run time.
class ferry {
public:
    ferry(const test_case& c, unsigned workers, rf::testing::fake_database source, rf::testing::fake_database target)
        : case_(c), workers_(workers), source_(std::move(source)), target_(std::move(target)) {}

    rf::report copy() {
        switch (case_.pages) {
        case paging::keyset: return with(rf::keyset_pages{});
        case paging::incremental:
            return with(rf::incremental_pages{.column = "w", .lag = std::chrono::seconds(case_.lag)});
        case paging::offset: return stored(rf::offset_pages{});
        case paging::single: break;
        }
        return stored(rf::single_page{});
    }

private:
    template <class Pages>
    rf::report with(const Pages& pages) {
        if (case_.stores_checkpoint) return stored(pages);
        if (case_.consistent) {
            return run(rf::pipeline{retry(), batch(), pages, rf::chosen_write_mode{case_.write}, rf::no_checkpoint{},
                                    rf::accept_duplicates{}, starting_over});
        }
        // The case's write mode is idempotent then, which the compiler cannot know of one chosen at run time.
        return run(rf::pipeline{retry(), batch(), pages, rf::chosen_write_mode{case_.write}, rf::no_checkpoint{},
                                rf::accept_duplicates{}});
    }
    template <class Pages>
    rf::report stored(const Pages& pages) {
        if (workers_ > 0) return concurrently(pages);
        if (case_.consistent) {
            return run(rf::pipeline{retry(), batch(), pages, rf::chosen_write_mode{case_.write}, starting_over});
        }
        return run(rf::pipeline{retry(), batch(), pages, rf::chosen_write_mode{case_.write}});
    }
    template <class Pages>
    rf::report concurrently(const Pages& pages) {
        const rf::parallel several{.jobs = workers_};
        if (case_.consistent) {
            return run(
                rf::pipeline{retry(), batch(), pages, rf::chosen_write_mode{case_.write}, starting_over, several});
        }
        return run(rf::pipeline{retry(), batch(), pages, rf::chosen_write_mode{case_.write}, several});
    }
    template <class Pipeline>
    rf::report run(const Pipeline& pipeline) {
        rf::testing::manual_timing timing;
        rf::copy_request request{.table = "t", .resume = case_.resumes, .truncate_target = case_.truncates};
        request.keyless = case_.is_keyless();
        if (case_.filters) request.where = "is chosen";
        if (case_.renames) request.columns = {{"a"}, {"b"}, {"w"}, {"note", "remark"}};
        return pipeline.copy(source_, target_, request, timing);
    }
    static constexpr rf::one_snapshot starting_over{.when_lost = rf::when_lost::start_over};

    [[nodiscard]] rf::fixed_batch batch() const { return {.rows = case_.batch_rows, .bytes = case_.batch_bytes}; }

    /// Without jitter, so that the same seed gives the same calls.
    [[nodiscard]] rf::fixed_delay retry() const {
        return {.max_attempts = 10, .delay = std::chrono::seconds(case_.retry_delay)};
    }

    const test_case& case_;
    unsigned workers_;
    rf::testing::fake_database source_;
    rf::testing::fake_database target_;
};

} // namespace

rf::report copy(const test_case& c, unsigned workers, rf::testing::fake_database source,
                rf::testing::fake_database target) {
    return ferry(c, workers, std::move(source), std::move(target)).copy();
}

} // namespace property
