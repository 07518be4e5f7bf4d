// SPDX-License-Identifier: BSL-1.0
// A double that lies when it is asked for a key: what its ranges end with, and where they are divided.
#ifndef ROWFERRY_TESTS_UNIT_LYING_SOURCE_HPP
#define ROWFERRY_TESTS_UNIT_LYING_SOURCE_HPP

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace worlds {

namespace rf = rowferry;

/// What a lying side answers when it is asked for the key of one row, as the end or the middle of a range: a key, or none
/// for the honest answer.
using key_lie = std::function<std::optional<rf::key_values>(unsigned question, const rf::page_request&)>;

/// The double, which lies about single keys. After more questions than an honest run asks it says that there is no such
/// row, so that a test which waits for a refusal ends.
class lying_connection : public rf::testing::fake_connection {
public:
    static constexpr unsigned most_questions = 2000;

    lying_connection(rf::testing::fake_connection&& real, key_lie lie, std::shared_ptr<std::atomic<unsigned>> asked)
        : rf::testing::fake_connection(std::move(real)), lie_(std::move(lie)), asked_(std::move(asked)) {}

    rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
        const bool asks_for_key = page.max_rows == 1 && page.columns.size() == 1;
        if (!asks_for_key) return rf::testing::fake_connection::read(page, into);
        const unsigned question = ++*asked_;
        if (question > most_questions) {
            into.reset(1);
            return {};
        }
        const auto key = lie_(question, page);
        if (!key) return rf::testing::fake_connection::read(page, into);
        into.reset(1);
        into.add(rf::cell(*key->front()));
        return {};
    }

private:
    key_lie lie_;
    std::shared_ptr<std::atomic<unsigned>> asked_;
};

struct lying_connector {
    rf::testing::fake_database& real;
    key_lie lie;
    std::shared_ptr<std::atomic<unsigned>> asked = std::make_shared<std::atomic<unsigned>>(0U);

    rf::result<lying_connection> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return lying_connection(std::move(*made), lie, asked);
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

} // namespace worlds

#endif
