// SPDX-License-Identifier: BSL-1.0
// One task in a thread of its own, over and over: it begins when it is told to, and is waited for.
#ifndef ROWFERRY_BACKGROUND_TASK_HPP
#define ROWFERRY_BACKGROUND_TASK_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Runs `task()` once for each `start`. What the task touches belongs to its thread from `start` until `wait` returns. The
/// destructor waits for a task under way.
template <class Task>
class background_task {
public:
    explicit background_task(Task task) : task_(std::move(task)), thread_([this] { serve(); }) {}
    background_task(const background_task&) = delete;
    background_task& operator=(const background_task&) = delete;
    ~background_task() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    /// Not while one is under way.
    void start() {
        {
            const std::lock_guard lock(mutex_);
            busy_ = true;
        }
        changed_.notify_all();
    }
    /// Whether the task is under way.
    [[nodiscard]] bool is_busy() {
        const std::lock_guard lock(mutex_);
        return busy_;
    }
    /// Returns when the task has ended, at once if there is none; throws what the task threw.
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !busy_; });
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    }

private:
    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return busy_ || ends_; });
            if (!busy_) return;
            lock.unlock();
            std::exception_ptr thrown;
            try {
                task_();
            } catch (...) {
                thrown = std::current_exception();
            }
            lock.lock();
            thrown_ = thrown;
            busy_ = false;
            changed_.notify_all();
        }
    }

    Task task_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool busy_ = false;
    bool ends_ = false;
    std::exception_ptr thrown_;
    std::thread thread_; // the last one: it begins when all the others are there
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
