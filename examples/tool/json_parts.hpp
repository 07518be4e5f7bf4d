// SPDX-License-Identifier: BSL-1.0
// Values as they stand in the tool's JSON documents.
#pragma once

#include "options.hpp"

#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace tool {

using json = nlohmann::ordered_json;

/// A document as it is printed, with its line end: valid UTF-8, everything escaped that is not visible, and no name or message
/// of absurd length. The statement that a dry run shows is whole.
std::string printed(json document);

/// With three decimals.
double rounded(double n);
double seconds(rowferry::duration d);
/// One value a column: null, text as a string, or `{"hex": "E9FF"}` for bytes and for text that is none in its charset. A value
/// of more than 4096 bytes is `{"hash": …, "bytes": …}`.
json to_json(const rowferry::key_values& key, const rowferry::key_forms& forms);
/// Texts of a person or a server, without the passwords of URLs.
json without_passwords(const std::vector<std::string>& texts);
/// `where` and `columns`, as asked for: "" is all rows, and null is all columns.
void add_choice(json& j, const options& wanted);
/// An interruption has only its sentence: nothing went wrong.
json to_json(const rowferry::error& e, rowferry::outcome how, bool has_committed, const options& wanted);

} // namespace tool
