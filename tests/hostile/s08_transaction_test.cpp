// SPDX-License-Identifier: BSL-1.0
// S08: a transaction that was not opened, and a COMMIT that was none, are noticed. Judged by the real server behind the liar.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "proxy.hpp"
#include "real_server.hpp"

#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace hostile;

namespace {

/// An answer whose status says what the liar wants.
answer done_with(unsigned status) {
    answer a = answer::done();
    a.status = status;
    return a;
}

struct lie {
    std::string name;
    lies how;
    std::string noticed{}; ///< what is said of it; "" where it may go unnoticed
    bool is_kept = false;  ///< the liar carries the COMMIT out, so that the copy may be right
};

lie swallowing(std::string name, std::string statement, answer instead, std::string noticed = {}) {
    lie l{std::move(name), {}, std::move(noticed)};
    l.how.instead.push_back(swallow(std::move(statement), std::move(instead)));
    return l;
}

/// Statuses that hide that nothing is open.
rule says_in_transaction() {
    return [inside = false](const call& c, answer& a) mutable {
        if (c.sql.starts_with("START TRANSACTION")) inside = true;
        if (c.sql.starts_with("COMMIT") || c.sql.starts_with("ROLLBACK")) inside = false;
        if (inside) a.status |= status::in_transaction;
    };
}

/// Where an answer never comes, the client stops waiting.
constexpr const char* patience = "ssl-mode=disabled&read-timeout=3";

struct copied {
    real_database from;
    real_database to;
    outcome said{};

    copied(const lie& l, const std::vector<std::string>& more) : copied(l, more, "") { wait(); }
    /// Only begins; several go on at once, each with its own suffix of the databases' names.
    copied(const lie& l, const std::vector<std::string>& more, const std::string& suffix)
        : from("shop_source" + suffix), to("shop_target" + suffix), source_(real_database::port()),
          target_(real_database::port(), l.how) {
        from.add_notes(25);
        to.add_notes(0);
        std::vector<std::string> options{"--batch-rows", "10"};
        options.insert(options.end(), more.begin(), more.end());
        running_ =
            std::async(std::launch::async,
                       [arguments = copy_arguments(source_.uri(from.uri()), target_.uri(to.uri(), patience), options),
                        name = "S08 " + l.name] { return run_guarded(arguments, {.name = name}); });
    }
    void wait() { said = running_.get(); }
    /// The rows that are there for good, and the checkpoint's count of them.
    [[nodiscard]] std::string kept() const {
        return to.value("SELECT COUNT(*) FROM t") + " rows, checkpoint " +
               (to.has("rowferry_checkpoint") ? to.value("SELECT rows_copied FROM rowferry_checkpoint") : "none");
    }

private:
    proxy source_;
    proxy target_;
    std::future<outcome> running_;
};

} // namespace

TEST_CASE("S08: a COMMIT that is none is no success", "[hostile]") {
    const std::string not_there = "makes no sense: COMMIT was answered as done, but the checkpoint of this copy";
    auto swallowing_the = [](int wanted) -> interception {
        return [wanted, n = 0](const call& c) mutable -> std::optional<answer> {
            if (c.sql != "COMMIT" || ++n != wanted) return std::nullopt;
            return answer::done();
        };
    };
    const std::vector<lie> all{
        swallowing("COMMIT answered by rows", "COMMIT", answer::table({"x"}, {{"1"}}),
                   "makes no sense: rows or a second answer came in answer to COMMIT"),
        swallowing("COMMIT answered by OK, in transaction", "COMMIT",
                   done_with(status::autocommit | status::in_transaction),
                   "makes no sense: the commit was answered as done, but the transaction is still open"),
        swallowing("COMMIT answered by OK, not in transaction", "COMMIT", done_with(status::autocommit), not_there),
        swallowing("COMMIT answered by OK without autocommit", "COMMIT", done_with(0), not_there),
        swallowing("COMMIT rolled back", "COMMIT", done_with(status::autocommit), not_there),
        {"COMMIT answered with one more result",
         {{[](const call& c, answer& a) {
              if (c.sql == "COMMIT") a.status |= status::more_results;
          }},
          {},
          {},
          {}},
         "makes no sense: rows or a second answer came in answer to COMMIT",
         true},
        {"the second COMMIT swallowed", {{}, {swallowing_the(2)}, {}, {}}},
        {"the last COMMIT swallowed", {{}, {swallowing_the(3)}, {}, {}}, not_there}};
    for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--write-way", "multi-row"}}) {
        std::vector<std::unique_ptr<copied>> copies; // together: each looks for the last COMMIT for some seconds
        for (const lie& each : all) {
            copies.push_back(std::make_unique<copied>(each, more, "_" + std::to_string(copies.size())));
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            const lie& each = all[i];
            copied& c = *copies[i];
            c.wait();
            INFO(each.name << ": " << c.kept() << '\n' << c.said.out << c.said.err);
            CHECK_FALSE(c.said.hung);
            CHECK_FALSE(c.said.crashed());
            if (!each.noticed.empty()) CHECK(c.said.says(each.noticed));
            // One COMMIT that was swallowed may be made up for: the next transaction commits what was left open.
            if (!each.noticed.empty() && !each.is_kept) CHECK(c.said.exit_code == 4);
            if (c.said.exit_code == 0) CHECK(c.to.rows() == c.from.rows());
            if (c.said.exit_code != 0) CHECK(c.said.says("makes no sense"));
        }
    }
}

TEST_CASE("S08: a transaction that was not opened is noticed before anything is kept", "[hostile]") {
    lie hidden = swallowing("START TRANSACTION swallowed, the status hides it until the checkpoint",
                            "START TRANSACTION", done_with(status::autocommit | status::in_transaction));
    const std::vector<lie> all{
        swallowing("START TRANSACTION swallowed", "START TRANSACTION", done_with(status::autocommit)),
        swallowing("START TRANSACTION answered by rows", "START TRANSACTION", answer::table({"x"}, {{"1"}})), hidden};
    for (const lie& each : all) {
        const copied c(each, {});
        INFO(each.name << ": " << c.kept() << '\n' << c.said.out << c.said.err);
        CHECK(c.said.exit_code != 0);
        CHECK_FALSE(c.said.crashed());
        // Where the first answer hides it, the first write is seen to stand alone: one batch at most, and no checkpoint of it.
        const std::string checkpoint =
            c.to.has("rowferry_checkpoint") ? c.to.value("SELECT rows_copied FROM rowferry_checkpoint") : "0";
        CHECK(checkpoint == "0");
        CHECK(c.to.value("SELECT COUNT(*) <= 10 FROM t") == "1");
    }
}

TEST_CASE("S08: where every status lies, the copy is right or it fails", "[hostile]") {
    lie l = swallowing("START TRANSACTION swallowed, every status says that it is open", "START TRANSACTION",
                       done_with(status::autocommit | status::in_transaction));
    l.how.rules.push_back(says_in_transaction());
    const copied c(l, {});
    INFO(c.kept() << '\n' << c.said.out << c.said.err);
    if (c.said.exit_code == 0) CHECK(c.to.rows() == c.from.rows());
    CHECK_FALSE(c.said.crashed());
}
