// SPDX-License-Identifier: BSL-1.0
// What the workers of one run share, made safe for several threads: surroundings, rate limit and retry budget.
#ifndef ROWFERRY_CONCURRENT_HPP
#define ROWFERRY_CONCURRENT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/environment.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/timing.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// An environment for several threads: observers hear one event at a time, and a worker that failed stops the others. Copies
/// are handles on the same one.
template <class... Extras>
class concurrent_environment {
public:
    explicit concurrent_environment(Extras&... extras) : inner_(extras...), shared_(std::make_shared<shared>()) {}

    [[nodiscard]] time_point now() { return inner_.now(); }
    [[nodiscard]] wall_time wall_now() { return inner_.wall_now(); }
    /// With several workers in slices, so that nobody sleeps on when another one has failed.
    void sleep(duration d) {
        if (!shared_->has_workers) return inner_.sleep(d);
        sleep_in_slices(d, inner_, *this);
    }
    [[nodiscard]] bool stop_requested() const { return shared_->halted.load() || was_asked_to_stop(); }
    /// Whether it was anybody but a worker who wants it to stop.
    [[nodiscard]] bool was_asked_to_stop() const { return inner_.stop_requested(); }
    template <class Event>
    void emit(const Event& event) {
        const std::lock_guard lock(shared_->mutex);
        inner_.emit(event);
    }

    /// From here on several workers copy.
    void begin_parallel() { shared_->has_workers = true; }
    /// Lets all workers stop at their next step.
    void halt() { shared_->halted = true; }
    /// Nobody has failed any more: the work begins again.
    void go_on() { shared_->halted = false; }
    [[nodiscard]] bool was_halted() const { return shared_->halted.load(); }

private:
    struct shared {
        std::mutex mutex;
        std::atomic<bool> halted{false};
        std::atomic<bool> has_workers{false};
    };
    environment<Extras...> inner_;
    std::shared_ptr<shared> shared_;
};

/// One limiter for all workers: each batch takes its share, whoever writes it.
template <class Limiter>
class concurrent_limiter {
public:
    explicit concurrent_limiter(Limiter limiter) : shared_(std::make_shared<shared>(std::move(limiter))) {}
    duration acquire(const batch_cost& cost, time_point now) {
        const std::lock_guard lock(shared_->mutex);
        return shared_->limiter.acquire(cost, now);
    }
    duration before_page(wall_time now) requires DelaysPages<Limiter> {
        const std::lock_guard lock(shared_->mutex);
        return shared_->limiter.before_page(now);
    }
    [[nodiscard]] batch_cost piece(duration within) const requires SizesPieces<Limiter> {
        const std::lock_guard lock(shared_->mutex);
        return shared_->limiter.piece(within);
    }

private:
    struct shared {
        explicit shared(Limiter l) : limiter(std::move(l)) {}
        std::mutex mutex;
        Limiter limiter;
    };
    std::shared_ptr<shared> shared_;
};

/// A retry budget that several threads spend from.
template <class Budget>
class concurrent_budget {
public:
    explicit concurrent_budget(Budget budget) : budget_(std::move(budget)) {}
    bool take(time_point now) {
        const std::lock_guard lock(mutex_);
        return budget_.take(now);
    }
    void succeeded() {
        const std::lock_guard lock(mutex_);
        budget_.succeeded();
    }

private:
    std::mutex mutex_;
    Budget budget_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
