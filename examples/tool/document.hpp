// SPDX-License-Identifier: BSL-1.0
// What goes to standard output: once, and with --json always one JSON document, however the run ends.
#pragma once

#include <string>

namespace tool {

/// Whether --json stands on the command line, also with a value, which it does not take: known before anything else is, and without memory of one's own.
bool asks_for_json(int argc, const char* const* argv);

/// Standard output, to which one text is printed. There is one; it lives as long as the program.
class document {
public:
    /// From here on a program that is terminated (by an exception in a place that forbids them) prints a document as well.
    static void expect(bool as_json);

    /// Whether the text reached standard output; a closed pipe or a full disk is no reason to die without a word.
    static bool print(const std::string& text);

    /// When nothing was printed yet, and JSON is expected: a document that needs no memory, and says only that it failed.
    static void print_last_resort(bool retryable);
};

} // namespace tool
