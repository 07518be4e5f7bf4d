// SPDX-License-Identifier: BSL-1.0
#include "mutation.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace hostile {

namespace {

std::size_t pick(random_source& random, std::size_t count) { return count == 0 ? 0 : random() % count; }

bool has_rows(const answer& a) { return a.is == answer::kind::rows && !a.rows.empty() && !a.columns.empty(); }

cells& some_row(answer& a, random_source& random) { return a.rows[pick(random, a.rows.size())]; }

/// A cell of an answer that has one; else the answer stays as it is.
void change_cell(answer& a, random_source& random, std::optional<std::string> value) {
    if (!has_rows(a)) return;
    cells& row = some_row(a, random);
    if (!row.empty()) row[pick(random, row.size())] = std::move(value);
}

std::string noise(random_source& random, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(random() & 0xffU);
    return text;
}

/// Edits the payloads once they are made.
void edit(answer& a, std::function<void(std::vector<std::string>&)> how) { a.edit = std::move(how); }

const std::vector<mutation> all{
    // Counts and flags.
    {"affected 0", [](answer& a, random_source&) { a.affected = 0; }},
    {"affected one more", [](answer& a, random_source&) { ++a.affected; }},
    {"affected enormous", [](answer& a, random_source&) { a.affected = ~std::uint64_t{0} - 1; }},
    {"affected by chance", [](answer& a, random_source& r) { a.affected = r(); }},
    {"in transaction or not", [](answer& a, random_source&) { a.status ^= status::in_transaction; }},
    {"status by chance", [](answer& a, random_source& r) { a.status = static_cast<unsigned>(r() & 0xffffU & ~8U); }},
    {"one warning", [](answer& a, random_source&) { a.warnings = 1; }},
    {"65535 warnings", [](answer& a, random_source&) { a.warnings = 65'535; }},
    {"info by chance", [](answer& a, random_source& r) { a.info = "Records: " + std::to_string(r()) + noise(r, 9); }},
    // Another kind of answer.
    {"OK instead", [](answer& a, random_source&) { a = answer::done(); }},
    {"no rows", [](answer& a, random_source&) { a.rows.clear(); }},
    {"rows instead", [](answer& a, random_source&) { a = answer::table({"x"}, {{"1"}}); }},
    {"an error",
     [](answer& a, random_source& r) {
         static constexpr std::array codes{0U,    1040U, 1046U, 1050U, 1062U, 1064U, 1142U, 1146U, 1205U, 1213U,
                                           1290U, 1317U, 1366U, 1406U, 1615U, 1969U, 2006U, 3024U, 4031U, 65'535U};
         a = answer::failure(codes[pick(r, codes.size())], "words of a liar " + noise(r, 20));
     }},
    {"a file request", [](answer& a, random_source&) { a = answer::file_request("/etc/passwd"); }},
    {"a hang-up", [](answer& a, random_source&) { a = answer::closed(); }},
    // Columns.
    {"a column less",
     [](answer& a, random_source& r) {
         if (a.is != answer::kind::rows || a.columns.empty()) return;
         const auto at = static_cast<std::ptrdiff_t>(pick(r, a.columns.size()));
         a.columns.erase(a.columns.begin() + at);
         for (cells& row : a.rows) row.erase(row.begin() + at);
     }},
    {"a column more",
     [](answer& a, random_source&) {
         if (a.is != answer::kind::rows) return;
         a.columns.push_back({"extra"});
         for (cells& row : a.rows) row.emplace_back("5");
     }},
    {"no columns",
     [](answer& a, random_source&) {
         a.columns.clear();
         for (cells& row : a.rows) row.clear();
     }},
    {"columns in another order",
     [](answer& a, random_source&) {
         std::reverse(a.columns.begin(), a.columns.end());
         for (cells& row : a.rows) std::reverse(row.begin(), row.end());
     }},
    {"other types",
     [](answer& a, random_source& r) {
         for (column& c : a.columns) {
             c.type = static_cast<unsigned>(r() & 0xffU);
             c.flags = static_cast<unsigned>(r() & 0xffffU);
             c.charset = static_cast<unsigned>(r() & 0xffffU);
         }
     }},
    {"other names",
     [](answer& a, random_source& r) {
         for (column& c : a.columns) c.name = noise(r, 12);
     }},
    // Rows.
    {"a row less",
     [](answer& a, random_source& r) {
         if (has_rows(a)) a.rows.erase(a.rows.begin() + static_cast<std::ptrdiff_t>(pick(r, a.rows.size())));
     }},
    {"a row twice",
     [](answer& a, random_source& r) {
         if (has_rows(a)) a.rows.push_back(cells(some_row(a, r)));
     }},
    {"rows 1000 times",
     [](answer& a, random_source&) {
         const auto once = a.rows;
         for (int i = 1; i < 1000 && a.is == answer::kind::rows; ++i)
             a.rows.insert(a.rows.end(), once.begin(), once.end());
     }},
    {"rows in another order", [](answer& a, random_source& r) { std::shuffle(a.rows.begin(), a.rows.end(), r); }},
    {"rows backwards", [](answer& a, random_source&) { std::reverse(a.rows.begin(), a.rows.end()); }},
    {"a row by chance",
     [](answer& a, random_source& r) {
         if (a.is != answer::kind::rows) return;
         cells row;
         for (std::size_t i = 0; i < a.columns.size(); ++i) row.emplace_back(noise(r, pick(r, 12)));
         a.rows.push_back(std::move(row));
     }},
    // Cells.
    {"a NULL", [](answer& a, random_source& r) { change_cell(a, r, std::nullopt); }},
    {"a row of NULLs",
     [](answer& a, random_source& r) {
         if (!has_rows(a)) return;
         cells& row = some_row(a, r);
         std::fill(row.begin(), row.end(), std::nullopt);
     }},
    {"nothing but NULLs",
     [](answer& a, random_source&) {
         for (cells& row : a.rows) std::fill(row.begin(), row.end(), std::nullopt);
     }},
    {"an empty cell", [](answer& a, random_source& r) { change_cell(a, r, ""); }},
    {"a negative number", [](answer& a, random_source& r) { change_cell(a, r, "-1"); }},
    {"0", [](answer& a, random_source& r) { change_cell(a, r, "0"); }},
    {"a small number", [](answer& a, random_source& r) { change_cell(a, r, std::to_string(pick(r, 40))); }},
    {"an enormous number", [](answer& a, random_source& r) { change_cell(a, r, "99999999999999999999999999"); }},
    {"a quote and SQL", [](answer& a, random_source& r) { change_cell(a, r, "1'; DROP TABLE t; -- `"); }},
    {"noise", [](answer& a, random_source& r) { change_cell(a, r, noise(r, 1 + pick(r, 80))); }},
    {"a mebibyte", [](answer& a, random_source& r) { change_cell(a, r, std::string(1U << 20U, 'x')); }},
    {"two cells for each other",
     [](answer& a, random_source& r) {
         if (!has_rows(a)) return;
         cells& row = some_row(a, r);
         if (row.size() > 1) std::swap(row[pick(r, row.size())], row[pick(r, row.size())]);
     }},
    // Lengths and packets.
    {"cut off", [](answer& a, random_source& r) { a.cut_after = pick(r, 200); }},
    {"another packet number",
     [](answer& a, random_source& r) { a.first_number = static_cast<unsigned>(2 + pick(r, 200)); }},
    {"a packet less",
     [](answer& a, random_source& r) {
         edit(a, [n = r()](std::vector<std::string>& all_packets) {
             if (!all_packets.empty())
                 all_packets.erase(all_packets.begin() + static_cast<std::ptrdiff_t>(n % all_packets.size()));
             if (all_packets.empty()) all_packets.emplace_back();
         });
     }},
    {"a packet twice",
     [](answer& a, random_source& r) {
         edit(a, [n = r()](std::vector<std::string>& all_packets) {
             if (all_packets.empty()) return;
             const std::string copy = all_packets[n % all_packets.size()];
             all_packets.insert(all_packets.begin() + static_cast<std::ptrdiff_t>(n % all_packets.size()), copy);
         });
     }},
    {"an empty packet",
     [](answer& a, random_source& r) {
         edit(a, [n = r()](std::vector<std::string>& all_packets) {
             if (!all_packets.empty()) all_packets[n % all_packets.size()].clear();
         });
     }},
    {"a shorter packet",
     [](answer& a, random_source& r) {
         edit(a, [n = r()](std::vector<std::string>& all_packets) {
             if (all_packets.empty()) return;
             std::string& one = all_packets[n % all_packets.size()];
             one.resize(one.size() / 2);
         });
     }},
    {"a longer packet",
     [](answer& a, random_source& r) {
         edit(a, [n = r()](std::vector<std::string>& all_packets) {
             if (!all_packets.empty()) all_packets[n % all_packets.size()] += "some more bytes";
         });
     }},
    {"another byte",
     [](answer& a, random_source& r) {
         edit(a, [n = r(), m = r(), byte = r()](std::vector<std::string>& all_packets) {
             if (all_packets.empty()) return;
             std::string& one = all_packets[n % all_packets.size()];
             if (!one.empty()) one[m % one.size()] = static_cast<char>(byte & 0xffU);
         });
     }},
    {"a length of many bytes", [](answer& a, random_source& r) {
         edit(a, [n = r(), m = r()](std::vector<std::string>& all_packets) {
             if (all_packets.empty()) return;
             std::string& one = all_packets[n % all_packets.size()];
             if (!one.empty()) one[m % one.size()] = '\xfe'; // where a length stood: eight bytes of it follow
         });
     }}};

} // namespace

const std::vector<mutation>& mutations() { return all; }

} // namespace hostile
