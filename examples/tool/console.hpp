// SPDX-License-Identifier: BSL-1.0
// What the tool shows on stderr while it copies: the progress line and the log, one above the other.
#pragma once

#include "interrupt.hpp"
#include "options.hpp"

#include <rowferry/log.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/progress.hpp>
#include <rowferry/timing.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>

namespace tool {

/// An observer that passes each event on to the progress bar and to the log, as far as they were asked for.
class console {
public:
    explicit console(const options& wanted);
    console(const console&) = delete;
    console& operator=(const console&) = delete;

    template <class Event>
    void on(const Event& event) {
        const std::lock_guard lock(mutex_);
        if constexpr (std::is_same_v<Event, rowferry::batch_committed>) {
            committed_ = {event.total_rows, event.total_bytes, committed_.batches + 1};
        }
        fit_terminal();
        tell(text_, event);
        tell(json_, event);
        tell(bar_, event);
    }
    /// What was committed since `forget_committed`.
    struct committed {
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        std::uint64_t batches = 0;
    };
    [[nodiscard]] committed committed_so_far() {
        const std::lock_guard lock(mutex_);
        return committed_;
    }
    void forget_committed() {
        const std::lock_guard lock(mutex_);
        committed_ = {};
    }
    [[nodiscard]] bool shows_progress() const { return bar_.has_value(); }
    /// From any thread, while others hear of events.
    void tick() {
        const std::lock_guard lock(mutex_);
        fit_terminal();
        if (bar_) bar_->tick();
    }
    /// Takes the progress line away, so that something else can be written.
    void clear() {
        const std::lock_guard lock(mutex_);
        if (bar_) bar_->clear();
    }

private:
    using sink = std::function<void(std::string_view)>;
    /// The window may have been resized since the line was drawn.
    void fit_terminal();
    template <class Observer, class Event>
    static void tell(std::optional<Observer>& observer, const Event& event) {
        if constexpr (requires { observer->on(event); }) {
            if (observer) observer->on(event);
        }
    }

    const bool is_terminal_;
    std::mutex mutex_;
    committed committed_;
    std::optional<rowferry::progress_bar<>> bar_;
    std::optional<rowferry::text_log<sink>> text_;
    std::optional<rowferry::json_log<sink>> json_;
};

/// Real time, with sleeps that a stop request ends and that keep the progress line alive.
class patient_timing {
public:
    explicit patient_timing(console& shown) : shown_(&shown) {}

    [[nodiscard]] rowferry::time_point now() const { return std::chrono::steady_clock::now(); }
    void sleep(rowferry::duration d) const {
        constexpr rowferry::duration slice = std::chrono::milliseconds(50);
        for (const auto end = now() + d; now() < end && stop_signal() == nullptr; shown_->tick()) {
            std::this_thread::sleep_for(std::min(slice, end - now()));
        }
    }

private:
    console* shown_;
};

} // namespace tool
