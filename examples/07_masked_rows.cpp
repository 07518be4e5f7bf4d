// SPDX-License-Identifier: BSL-1.0
// A copy for a test system: e-mail addresses are masked, and closed accounts are left out. Then the target is verified by the same
// function.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

#include <cstdio>
#include <string>

namespace rf = rowferry;

int main() {
    rf::testing::fake_database source, target;
    for (auto* database : {&source, &target}) {
        database->create_table("account", {{"id", "int not null"}, {"email", "varchar(60)"}, {"status", "varchar(10)"}},
                               {"id"});
    }
    source.insert("account", {"1", "ada@lovelace.example", "open"});
    source.insert("account", {"2", "alan@turing.example", "closed"});
    source.insert("account", {"3", std::nullopt, "open"});
    source.insert("account", {"4", "grace@hopper.example", "open"});

    // [masked rows]
    auto masked = rf::transformed(source, "masked accounts", [](rf::editable_row& row) {
        if (row["status"] == "closed") return row.drop();
        if (!row["email"].is_null()) row["email"] = "user" + std::string(row["id"].bytes()) + "@example.org";
    });

    rf::pipeline ferry{rf::keyset_pages{}};
    const rf::report report = ferry.copy(masked, target, "account");
    const rf::verification found = rf::verifier{}.verify(masked, target, "account");
    // [masked rows]

    std::printf("%s\n%s\n", rf::to_string(report).c_str(), rf::to_string(found).c_str());
    for (const auto& row : target.rows("account")) {
        std::printf("%s %s %s\n", row[0]->c_str(), row[1].value_or("NULL").c_str(), row[2]->c_str());
    }
    // A copy without the transformation does not continue the masked one: it is refused.
    const rf::report unmasked = ferry.copy(source, target, "account");
    std::printf("%s\n", std::string(name(unmasked.outcome)).c_str());
    return report.complete() && found.equal() && !unmasked.complete() ? 0 : 1;
}
