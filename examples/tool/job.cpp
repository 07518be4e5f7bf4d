// SPDX-License-Identifier: BSL-1.0
#include "job.hpp"

#include "engine.hpp"
#include "exceptions.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "wording.hpp"

#include <rowferry/definition.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tool {
namespace {

namespace rf = rowferry;

rf::report failed(const std::string& table, rf::outcome how, rf::error why) {
    rf::report r;
    r.table = table;
    r.outcome = how;
    r.failure = std::move(why);
    return r;
}

/// How a failure before anything was changed is to be called.
rf::outcome outcome_of(const rf::error& e) {
    rf::report nothing;
    nothing.failure = e;
    const bool is_stopped = rf::is_retryable(e.fault) && stop_signal() != nullptr;
    return is_stopped ? rf::outcome::interrupted : rf::ended_as(nothing);
}

/// The options of replacements, as they were given.
std::vector<std::string> mappings(const rf::definition_changes& changes) {
    std::vector<std::string> options;
    const auto add = [&options](const char* option, const std::vector<rf::replacement>& all) {
        for (const rf::replacement& each : all) options.push_back(option + each.from + "=" + each.to);
    };
    add("--map-collation ", changes.collations);
    add("--map-type ", changes.types);
    add("--map-engine ", changes.engines);
    return options;
}

class job {
public:
    job(const options& wanted, console& shown, job_result& result)
        : wanted_(wanted), shown_(shown), engine_(wanted, shown), result_(result) {}

    void run() {
        auto reachable = engine_.probe();
        result_.notices = engine_.notices();
        if (!reachable) {
            fail(reachable.error(), outcome_of(reachable.error()));
        } else if (auto names = engine_.tables(); !names) {
            fail(names.error(), outcome_of(names.error()));
        } else if (wanted_.what == task::verify) {
            verify_all(*names);
        } else if (auto apart = engine_.check_names(*names); !apart) {
            fail(apart.error(), outcome_of(apart.error()));
        } else if (plan_all(*names) && !wanted_.dry_run) {
            copy_all(*names);
            if (wanted_.verify) verify_all(complete_tables());
        }
        refuse_nothing();
        result_.notices = engine_.notices(); // of later connections too
        if (wanted_.consistent) {            // of tables that were not begun as well
            for (rf::report& r : result_.tables) r.consistency = rf::consistency::one_snapshot;
        }
    }

private:
    void fail(const rf::error& why, rf::outcome how) {
        for (const std::string& table : wanted_.tables) result_.tables.push_back(failed(table, how, why));
        result_.failure = why;
        result_.outcome = how;
        result_.sentences.push_back(sentence(why, how, false, wanted_));
    }

    static bool contains(const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    }
    /// Whether this is because a table vanished after all tables of the source were listed; says so then.
    bool has_vanished(const std::string& table, const rf::error& why) {
        const bool is_missing = why.cause == rf::cause::missing_table && why.side != rf::side::target;
        if (!wanted_.tables.empty() || !is_missing) return false;
        engine_.note("table " + table + " is passed over: it vanished from the source after its tables were listed");
        return true;
    }
    /// All tables vanished: nothing was copied, and that is not a success.
    void refuse_nothing() {
        const bool did_something = !result_.tables.empty() || !result_.plans.empty() || !result_.verifications.empty();
        if (did_something || result_.failure) return;
        fail(rf::refusal("all tables of the source vanished after they were listed"), rf::outcome::refused);
    }

    /// Whether all tables can be copied; if not, none is. Those that vanished are taken out.
    bool plan_all(std::vector<std::string>& names) {
        std::vector<std::string> vanished;
        for (const std::string& table : names) {
            if (stop_signal() != nullptr) {
                add_failed(failed(table, rf::outcome::interrupted, rf::refusal("a stop was requested")));
                break;
            }
            retry_counter& retries = retries_of_plans_.emplace_back();
            bool is_thrown = false;
            auto plan = planned(table, retries, is_thrown);
            if (plan) {
                note_used_changes(*plan);
                if (wanted_.dry_run) result_.plans.push_back(std::move(*plan));
                continue;
            }
            if (has_vanished(table, plan.error())) {
                vanished.push_back(table);
                retries_of_plans_.pop_back();
                continue;
            }
            rf::report r = failed(table, is_thrown ? rf::outcome::stopped : outcome_of(plan.error()), plan.error());
            retries.add_to(r);
            add_failed(std::move(r));
            if (rf::is_retryable(plan.error().fault)) break; // the other tables would wait for the same server
        }
        std::erase_if(names, [&](const std::string& name) { return contains(vanished, name); });
        if (result_.tables.empty()) return names.empty() || check_unused_changes();
        add_not_begun(names);
        return false;
    }
    void note_used_changes(const rf::copy_plan& plan) {
        if (!wanted_.create_target || wanted_.changes.empty()) return;
        if (plan.used_changes) {
            used_changes_.add(*plan.used_changes);
        } else {
            knows_all_changes_ = false;
        }
    }
    /// Whether each --map option has a place in some table: one that is misspelt would change nothing.
    bool check_unused_changes() {
        const rf::definition_changes unused = wanted_.changes.without(used_changes_);
        for (const std::string& feature : unused.leave_out) {
            if (knows_all_changes_) engine_.note("--leave-out " + feature + ": no table to copy needs it");
        }
        const std::vector<std::string> options = mappings(unused);
        if (options.empty()) return true;
        std::string all;
        for (const std::string& each : options) all += (all.empty() ? "" : ", ") + each;
        all += options.size() == 1 ? " matches" : " match";
        if (!knows_all_changes_) { // some tables are there already, and could not be created now
            engine_.note(all + " nothing in the tables that could be looked at");
            return true;
        }
        fail(rf::refusal(all + " nothing in the tables to copy: compare the spelling with the source's definitions, or "
                               "leave it out"),
             rf::outcome::refused);
        result_.plans.clear();
        return false;
    }

    void copy_all(std::vector<std::string> names) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            rf::report r = copied(names[i]);
            if (r.outcome == rf::outcome::refused && has_vanished(names[i], *r.failure)) {
                names.erase(names.begin() + static_cast<std::ptrdiff_t>(i));
                retries_of_plans_.erase(retries_of_plans_.begin() + static_cast<std::ptrdiff_t>(i--));
                continue;
            }
            retries_of_plans_[i].add_to(r);
            if (r.complete()) {
                result_.tables.push_back(std::move(r));
                continue;
            }
            if (r.outcome == rf::outcome::stopped) r.outcome = outcome_while_copying(*r.failure);
            // It was possible when its plan was made: something was changed since.
            const bool refused_late = r.outcome == rf::outcome::refused && names.size() > 1;
            const bool ends_here = r.outcome == rf::outcome::interrupted || rf::is_retryable(r.failure->fault);
            add_failed(std::move(r));
            if (refused_late) result_.sentences.back() += "; run the command again for this table when that is fixed";
            if (ends_here) break;
        }
        // Refused means that nothing was changed.
        if (has_changed(result_) && result_.outcome == rf::outcome::refused) result_.outcome = rf::outcome::stopped;
        add_not_begun(names);
    }
    [[nodiscard]] std::vector<std::string> complete_tables() const {
        std::vector<std::string> names;
        for (const rf::report& r : result_.tables) {
            if (r.complete()) names.push_back(r.table);
        }
        return names;
    }
    void verify_all(const std::vector<std::string>& names) {
        for (const std::string& table : names) {
            rf::verification compared = verified(table);
            const bool is_unchanged = compared.repaired + compared.deleted == 0;
            if (compared.failure && is_unchanged && has_vanished(table, *compared.failure)) continue;
            result_.verifications.push_back(std::move(compared));
            rf::verification& v = result_.verifications.back();
            if (wanted_.consistent) {
                v.notices.emplace_back("compared with the source as it is now, not with the snapshot that was copied: "
                                       "what was changed since then counts as a difference");
            }
            if (v.failure || v.verdict == rf::verdict::different || v.verdict == rf::verdict::undecided)
                result_.sentences.push_back(sentence(v, wanted_));
            if (v.verdict == rf::verdict::interrupted || v.verdict == rf::verdict::stopped) break;
        }
    }

    // An exception in one table is this table's failure: what was done before it, and can be done after it, is reported.
    rf::result<rf::copy_plan> planned(const std::string& table, retry_counter& retries, bool& is_thrown) {
        try {
            return engine_.plan(table, retries);
        } catch (...) {
            is_thrown = true;
            return caught("plan", "table " + table);
        }
    }
    rf::report copied(const std::string& table) {
        shown_.forget_committed();
        try {
            return engine_.copy(table);
        } catch (...) {
            rf::report r = failed(table, rf::outcome::stopped, caught("copy", "table " + table));
            r.source.connects = 1; // it was begun: its plan had been made over a connection
            const console::committed so_far = shown_.committed_so_far();
            r.rows = so_far.rows;
            r.bytes = so_far.bytes;
            r.batches = so_far.batches;
            return r;
        }
    }
    rf::verification verified(const std::string& table) {
        try {
            return engine_.verify(table);
        } catch (...) {
            rf::verification v;
            v.table = table;
            v.verdict = rf::verdict::stopped;
            v.failure = caught("verify");
            return v;
        }
    }
    static rf::outcome outcome_while_copying(const rf::error& e) {
        const bool interrupted = rf::is_retryable(e.fault) && stop_signal() != nullptr;
        return interrupted ? rf::outcome::interrupted : rf::outcome::stopped;
    }

    /// The tables whose turn never came, in the place where they were named.
    void add_not_begun(const std::vector<std::string>& names) {
        rf::error why = rf::refusal("not begun, because another table could not be copied");
        why.cause = rf::cause::not_begun;
        if (result_.outcome != rf::outcome::refused) why.fault = rf::fault::transient; // the next run may come to it
        std::vector<rf::report> all;
        all.reserve(names.size());
        auto begun = result_.tables.begin();
        for (const std::string& name : names) {
            const bool is_next = begun != result_.tables.end() && begun->table == name;
            all.push_back(is_next ? std::move(*begun++) : failed(name, result_.outcome, why));
        }
        result_.tables = std::move(all);
    }
    void add_failed(rf::report r) {
        result_.sentences.push_back(sentence(r, wanted_));
        // Stopped and interrupted can be continued, and say so by the exit code; refused waits for the user.
        if (result_.outcome == rf::outcome::complete || r.outcome != rf::outcome::refused) result_.outcome = r.outcome;
        result_.tables.push_back(std::move(r));
    }

    const options& wanted_;
    console& shown_;
    engine engine_;
    std::vector<retry_counter> retries_of_plans_; // one for each table
    rf::definition_changes used_changes_;         // that the definitions of the tables have a place for
    bool knows_all_changes_ = true;               // false: some definition could not be looked at
    job_result& result_;
};

} // namespace

void run_job(const options& wanted, console& shown, job_result& result) { job(wanted, shown, result).run(); }

void add_failure(job_result& result, const rf::error& why, const options& wanted) {
    result.failure = why;
    result.outcome = rf::outcome::stopped;
    result.sentences.push_back(sentence(why, result.outcome, false, wanted));
}

job_result refused_job(const rf::error& why) {
    job_result result;
    result.failure = why;
    result.outcome = rf::outcome::refused;
    result.sentences.push_back(to_string(why));
    return result;
}

} // namespace tool
