// SPDX-License-Identifier: BSL-1.0
// A ready observer that shows how far a copy or a verification is: one line, drawn again in place, on a terminal; lines
// now and then elsewhere.
//
//   progress_bar bar;                                                  // on stderr, which is a terminal
//   progress_bar bar{stderr, {.terminal = false}};                     // a line every five seconds
//   text_log log{[&](std::string_view line) { bar.write_above(line); }};   // both on one terminal
//   ferry.copy(source, target, {.table = "procnote", .count_rows = true}, bar, log);
#ifndef ROWFERRY_PROGRESS_HPP
#define ROWFERRY_PROGRESS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/observe.hpp>
#include <rowferry/text.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/verify/report.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// How a progress bar draws, and how often.
struct progress_style {
    bool terminal = true;     ///< one line in place; false: whole lines, `line_interval` apart
    std::size_t columns = 79; ///< the terminal's width; what does not fit is cut off
    std::chrono::nanoseconds redraw_interval = std::chrono::milliseconds(100);
    std::chrono::nanoseconds line_interval = std::chrono::seconds(5);
};

/// Rows, percent (when a number of rows is known), rows/s, bytes/s, time left, retries, and what is being waited for.
///
/// `Sink` is a FILE* or takes text as std::string_view; `Clock` has `now()`, as a Timing has. Between events the line
/// changes only by `tick()`, which a Timing that sleeps in slices may call. Not for use by two threads at once.
template <class Sink = file_sink, class Clock = steady_timing>
class progress_bar {
    static_assert(TextSink<Sink>, "rowferry: a progress bar's sink is a FILE* or takes a std::string_view");

public:
    explicit progress_bar(Sink sink = {}, progress_style style = {}, Clock clock = {})
        : sink_(std::move(sink)), style_(style), clock_(std::move(clock)) {}

    void on(const copy_started& e) {
        begin(one_line(e.table, shown::name));
        work_.before = e.resumed_rows;
        if (e.expected_rows) {
            work_.total = e.resumed_rows + *e.expected_rows;
        } else {
            expect_about(e.estimated_rows);
        }
        draw(true);
    }
    void on(const batch_committed& e) {
        work_.committed_rows = e.total_rows + e.total_dropped; // what was to be read
        work_.committed_bytes = e.total_bytes;
        advance({e.total_elapsed, work_.committed_rows, e.total_bytes});
    }
    void on(const slice_written& e) {
        waiting_.reset(); // the pass goes on, and only its end is a recovery
        advance({clock_.now() - work_.begun, work_.committed_rows + e.rows, work_.committed_bytes + e.bytes});
    }
    void on(const verification_started& e) {
        begin("comparing " + one_line(e.table, shown::name));
        work_.is_comparison = true;
        expect_about(e.estimated_rows);
        draw(true);
    }
    void on(const chunk_compared& e) { advance({clock_.now() - work_.begun, e.total_rows, 0}); }
    void on(const retry_scheduled& e) {
        ++work_.retries;
        waiting_ = wait{e.side, e.error.fault, clock_.now() + e.delay};
        draw(e.delay >= style_.redraw_interval);
    }
    void on(const recovered&) {
        waiting_.reset();
        draw(false);
    }
    void on(const copy_finished& e) {
        const report& r = e.report;
        end(r.outcome == outcome::refused
                ? std::string()
                : fmt::format("{}: {}, {}{} in {:.1f} s, {}, {}\n", one_line(r.table, shown::name), name(r.outcome),
                              counted(r.rows, "row", "rows"), dropped_clause(r), to_seconds(r.elapsed),
                              rate(r.rows_per_second(), "row", "rows"), counted(r.retries(), "retry", "retries")));
    }
    void on(const verification_finished& e) {
        const verification& v = e.report;
        end(v.verdict == verdict::refused
                ? std::string()
                : fmt::format("{}: {}, {} compared in {:.1f} s, {}\n", one_line(v.table, shown::name), name(v.verdict),
                              counted(v.source_rows, "row", "rows"), to_seconds(v.elapsed),
                              counted(v.retries(), "retry", "retries")));
    }

    /// Fits what is drawn from now on to a terminal of this width.
    void set_columns(std::size_t columns) { style_.columns = columns; }
    /// Draws anew if it is time to.
    void tick() {
        if (!work_.title.empty() || waiting_) draw(false);
    }
    /// Takes the line off the terminal, until the next event or tick.
    void clear() {
        if (!on_screen_) return;
        sink_(std::string_view(to_begin() + std::string(end_of_line())));
        on_screen_ = false;
    }
    /// Writes whole lines, as a log's, above the progress line.
    void write_above(std::string_view lines) {
        clear();
        sink_(lines);
        if (style_.terminal && drawn_at_) draw(true);
    }

private:
    static constexpr duration mark_interval = std::chrono::seconds(3);
    struct mark {
        duration elapsed{};
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
    };
    struct work_state {
        std::string title = {}; // the table, and what is done with it
        time_point begun{};
        std::optional<std::uint64_t> total = {}; // rows, those of earlier runs included
        bool is_estimate = false;
        bool is_comparison = false; // whose rows do not travel
        std::uint64_t before = 0;   // rows of earlier runs
        std::uint64_t rows = 0;
        std::uint64_t bytes = 0;
        std::uint64_t committed_rows = 0; // without those of a streamed pass that is under way
        std::uint64_t committed_bytes = 0;
        duration elapsed{};
        unsigned retries = 0;
        mark older; // speed is measured since this mark
        mark newer;
    };
    struct wait {
        rowferry::side side;
        rowferry::fault fault;
        time_point until = {};
    };

    void begin(std::string title) {
        const unsigned retries = work_.retries; // while it was planned
        work_ = {};
        work_.retries = retries;
        work_.title = std::move(title);
        work_.begun = clock_.now();
        if (!style_.terminal) drawn_at_ = work_.begun; // short work gets its last line only
    }
    void expect_about(std::uint64_t rows) {
        if (rows == 0) return;
        work_.total = rows;
        work_.is_estimate = true;
    }
    void advance(const mark& now) {
        work_.rows = now.rows;
        work_.bytes = now.bytes;
        work_.elapsed = now.elapsed;
        const auto is_before = [&now](const mark& m) { return now.rows < m.rows || now.bytes < m.bytes; };
        if (is_before(work_.newer) || is_before(work_.older)) work_.older = work_.newer = now; // a pass began anew
        if (work_.elapsed - work_.newer.elapsed >= mark_interval) {
            work_.older = work_.newer;
            work_.newer = now;
        }
        draw(false);
    }
    void end(const std::string& last_line) {
        waiting_.reset();
        clear();
        if (!last_line.empty()) sink_(std::string_view(last_line));
        work_ = {};
        drawn_at_.reset();
    }

    void draw(bool at_once) {
        const time_point now = clock_.now();
        const auto since = drawn_at_ ? now - *drawn_at_ : duration::max();
        if (style_.terminal) {
            if (since < style_.redraw_interval && !at_once) return;
            const std::string text = fit(line(now));
            sink_(std::string_view(to_begin() + text + std::string(end_of_line())));
            drawn_width_ = width(text);
            on_screen_ = true;
        } else {
            if (since < style_.line_interval) return;
            sink_(std::string_view(line(now) + "\n"));
        }
        drawn_at_ = now;
    }

    /// The first that fits of: with bar and bytes, without the bar, without both.
    [[nodiscard]] std::string line(time_point now) const {
        if (!style_.terminal) return line(now, false, true);
        for (const bool with_bar : {true, false}) {
            std::string text = line(now, with_bar, true);
            if (width(text) <= style_.columns) return text;
        }
        return line(now, false, false);
    }
    [[nodiscard]] std::string line(time_point now, bool with_bar, bool with_bytes) const {
        std::string text;
        auto add = [&text](const std::string& part) { text += text.empty() || part.empty() ? part : "  " + part; };
        if (!work_.title.empty()) {
            const std::uint64_t done = work_.before + work_.rows;
            add(work_.title);
            if (work_.total) {
                if (with_bar) add(bar(done));
                add(fmt::format("{}{} %", work_.is_estimate ? "~" : "", percent(done)));
            }
            const bool is_exact = work_.total && !work_.is_estimate;
            add((is_exact ? grouped(done) + " of " : "") +
                counted(is_exact ? std::max(*work_.total, done) : done, "row", "rows"));
        }
        if (waiting_) {
            const bool now_trying = waiting_->until <= now;
            add(fmt::format("waiting for the {} ({}), {}", name(waiting_->side), name(waiting_->fault),
                            now_trying ? "trying again" : "next attempt in " + whole_seconds(waiting_->until - now)));
        } else {
            add(speed(with_bytes));
        }
        if (work_.retries > 0) add(counted(work_.retries, "retry", "retries"));
        return text;
    }
    [[nodiscard]] std::string speed(bool with_bytes) const {
        const double seconds = to_seconds(work_.elapsed - work_.older.elapsed);
        if (seconds <= 0) return {};
        const double rows = static_cast<double>(work_.rows - work_.older.rows) / seconds;
        std::string text = rate(rows, "row", "rows");
        if (with_bytes && !work_.is_comparison)
            text += "  " + byte_rate(static_cast<double>(work_.bytes - work_.older.bytes) / seconds);
        const std::uint64_t done = work_.before + work_.rows;
        if (work_.total && *work_.total > done && rows > 0) {
            const double left = std::min(static_cast<double>(*work_.total - done) / rows, 1e8);
            text +=
                "  " + countdown(std::chrono::duration_cast<duration>(std::chrono::duration<double>(left))) + " left";
        }
        return text;
    }
    [[nodiscard]] std::string bar(std::uint64_t done) const {
        constexpr std::size_t cells = 20;
        const std::size_t full = cells * percent(done) / 100;
        return "[" + std::string(full, '#') + std::string(cells - full, ' ') + "]";
    }
    [[nodiscard]] unsigned percent(std::uint64_t done) const {
        if (*work_.total == 0) return 100;
        const double share = 100.0 * static_cast<double>(done) / static_cast<double>(*work_.total);
        return static_cast<unsigned>(std::min(share, work_.is_estimate ? 99.0 : 100.0));
    }
    static std::string whole_seconds(duration d) {
        return fmt::format("{} s", std::chrono::ceil<std::chrono::seconds>(d).count());
    }
    static bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }
    static std::size_t width(const std::string& text) {
        return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
    }
    /// Brings the cursor to where the line on the screen begins: a terminal that got narrower has wrapped it.
    [[nodiscard]] std::string to_begin() const {
        if (!is_wrapped()) return "\r";
        return fmt::format("\x1b[{}A\r", (drawn_width_ - 1) / std::max<std::size_t>(style_.columns, 1));
    }
    /// Takes away what is left of the line on the screen.
    [[nodiscard]] std::string_view end_of_line() const { return is_wrapped() ? "\x1b[J" : "\x1b[K"; }
    [[nodiscard]] bool is_wrapped() const { return on_screen_ && drawn_width_ > style_.columns; }
    /// Cut to the terminal's width, between characters.
    [[nodiscard]] std::string fit(const std::string& text) const {
        std::size_t columns = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (begins_character(text[i]) && ++columns > style_.columns) return text.substr(0, i);
        }
        return text;
    }

    Sink sink_;
    progress_style style_;
    Clock clock_;
    work_state work_;
    std::optional<wait> waiting_;
    std::optional<time_point> drawn_at_;
    bool on_screen_ = false;
    std::size_t drawn_width_ = 0; // of the line on the screen
};

template <class S>
progress_bar(S) -> progress_bar<detail::sink_for<S>>;
template <class S>
progress_bar(S, progress_style) -> progress_bar<detail::sink_for<S>>;
template <class S, class C>
progress_bar(S, progress_style, C) -> progress_bar<detail::sink_for<S>, C>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
