// SPDX-License-Identifier: BSL-1.0
// Whether the user may do what a copy needs, asked before anything is changed.
#ifndef ROWFERRY_MYSQL_RIGHTS_HPP
#define ROWFERRY_MYSQL_RIGHTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql/checkpoints.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/rights.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Asks all questions of one copy, and names every right that is missing.
class rights_check {
public:
    explicit rights_check(client& c) : client_(c) {}

    result<void> check(const target_needs& needs) {
        if (needs.empties && !needs.only_planned) {
            if (auto r = run(sql::wait_shortly); !r) return r;
        }
        for (const sql::right_question& each : sql::right_questions(needs)) {
            if (auto r = ask(each); !r) return r;
        }
        if (needs.empties && !needs.only_planned) {
            if (auto r = run(sql::wait_as_usual); !r) return r;
        }
        if (needs.stores && is_store_missing_) {
            const sql::right_question create{"CREATE on " + std::string(sql::checkpoint_table),
                                             std::string(sql::create_store)};
            if (auto r = ask(create); !r) return r;
        }
        if (auto r = take(client_.execute(operation, sql::end_prepared), {}); !r) return r;
        if (!first_) return {};
        error e = std::move(*first_);
        e.message = "the target's user lacks rights that this copy needs (" + missing_.text() + "): grant them";
        return e;
    }

private:
    static constexpr std::string_view operation = "check rights";

    result<void> run(std::string_view statement) {
        auto done = client_.execute(operation, statement);
        if (!done) return std::move(done.error());
        return {};
    }
    result<void> ask(const sql::right_question& question) {
        std::string statement;
        if (question.is_prepared) sql::append_prepare(statement, question.statement);
        return take(client_.execute(operation, question.is_prepared ? statement : question.statement), question.about);
    }
    /// Any answer but a missing right says that there is none, and the copy finds out about everything else by itself.
    result<void> take(const result<std::uint64_t>& answer, std::string_view about) {
        if (answer) return {};
        const error& e = answer.error();
        if (needs_fresh_connection(e.fault) && e.fault != fault::read_only) return e;
        if (e.cause == cause::senseless_answer) return e;
        if (e.cause == cause::missing_privilege && !about.empty()) {
            missing_.add(one_line(about, shown::name));
            if (!first_) first_ = e;
        } else if (e.code == no_such_table && about.ends_with(sql::checkpoint_table)) {
            is_store_missing_ = true;
        }
        return {};
    }

    client& client_;
    listing missing_{", "};
    std::optional<error> first_;
    bool is_store_missing_ = false;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
