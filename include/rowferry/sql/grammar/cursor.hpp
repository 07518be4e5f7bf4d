// SPDX-License-Identifier: BSL-1.0
// A place in the tokens of a definition, and what was not understood there: what all rules of the grammar share.
#ifndef ROWFERRY_SQL_GRAMMAR_CURSOR_HPP
#define ROWFERRY_SQL_GRAMMAR_CURSOR_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/result.hpp>
#include <rowferry/sql/grammar/lexer.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// Escaped and shortened, for messages: what a source names is not to be trusted.
inline std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 64;
    if (text.size() <= longest) return one_line(text);
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end; // not within a character
    return one_line(text.substr(0, end)) + "...";
}

/// A token for messages. Strings stay untold: a connection string holds a password.
inline std::string shown(const token& t) {
    switch (t.kind) {
    case token_kind::end: return "its end";
    case token_kind::string: return "a string";
    case token_kind::invalid: return t.text;
    case token_kind::open_comment:
    case token_kind::close_comment: return "the mark of a version comment";
    default: return "\"" + shortened(t.text) + "\"";
    }
}

/// Walks over tokens. After the first failure it stays at the end, so every loop over it ends.
class cursor {
public:
    explicit cursor(std::string_view statement, sql::dialect writer = sql::dialect::mysql)
        : tokens_(tokens_of(statement)), writer_(writer) {}

    /// Whose server wrote the statement.
    [[nodiscard]] sql::dialect writer() const { return writer_; }

    [[nodiscard]] const token& now() const { return tokens_[at_]; }
    [[nodiscard]] const token& ahead(std::size_t n = 1) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
    [[nodiscard]] token_kind kind() const { return now().kind; }
    [[nodiscard]] bool at(std::string_view wanted) const { return now().is(wanted); }
    [[nodiscard]] bool at(std::string_view first, std::string_view second) const {
        return now().is(first) && ahead().is(second);
    }
    [[nodiscard]] bool at_end() const { return kind() == token_kind::end; }
    token take() {
        token taken = now();
        if (!at_end()) ++at_;
        return taken;
    }

    bool accept(std::string_view wanted) {
        if (!at(wanted)) return false;
        ++at_;
        return true;
    }
    bool accept(std::string_view first, std::string_view second) {
        if (!at(first, second)) return false;
        at_ += 2;
        return true;
    }
    bool expect(std::string_view wanted) { return accept(wanted) || fail(); }
    bool expect(std::string_view first, std::string_view second) { return expect(first) && expect(second); }

    /// A name, with or without quotes.
    std::string name() {
        if (kind() == token_kind::name || kind() == token_kind::word) return take().text;
        fail();
        return {};
    }
    /// The name of a charset, a collation or an engine: letters, digits and underscores.
    std::string plain_name() {
        const bool is_name = kind() == token_kind::name || kind() == token_kind::word;
        if (is_name && is_plain_name(now().text)) return take().text;
        fail();
        return {};
    }
    /// The name of a collation, in the lower case in which servers show it: they compare these names without regard to
    /// case.
    std::string collation() { return lower(plain_name()); }
    /// The name of a charset that is known.
    std::string charset() {
        const std::string_view found = known(charsets, now().text);
        if (kind() == token_kind::word && !found.empty()) {
            take();
            return std::string(found);
        }
        fail();
        return {};
    }
    /// Digits, at most twenty: what a 64-bit number has.
    std::string digits() {
        constexpr std::size_t most = 20;
        const std::string& text = now().text;
        if (kind() == token_kind::number && text.size() <= most && text.find_first_not_of("0123456789") == text.npos) {
            return take().text;
        }
        fail();
        return {};
    }
    std::string string() {
        if (kind() == token_kind::string && is_utf8(now().text)) return take().text;
        fail();
        return {};
    }

    /// Passes a mark of a version comment: its content is read as anything else. At most `deepest` are open at a time.
    bool pass_mark(std::size_t deepest = 1) {
        const bool opens = kind() == token_kind::open_comment && open_comments_ < deepest;
        const bool closes = kind() == token_kind::close_comment && open_comments_ > 0;
        if (!opens && !closes) return false;
        opens ? ++open_comments_ : --open_comments_;
        ++at_;
        return true;
    }
    /// Ends what may stand in version comments: all of them are closed.
    bool end_marks() { return open_comments_ == 0 || fail(); }

    /// What is being read, for messages: "column a", "key b".
    void reads(std::string item) { item_ = std::move(item); }
    [[nodiscard]] const std::string& item() const { return item_; }

    /// Always false, for the end of a chain. Only the first failure counts.
    bool fail(std::string what = {}) {
        if (!failed_) {
            failed_ = true;
            problem_ = item_ + ": " + (what.empty() ? shown(now()) + " is not understood there" : std::move(what));
            at_ = tokens_.size() - 1;
        }
        return false;
    }
    [[nodiscard]] bool failed() const { return failed_; }
    /// Why the definition is refused. Its table's name is for the caller to add.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    std::vector<token> tokens_;
    sql::dialect writer_;
    std::size_t at_ = 0;
    std::size_t open_comments_ = 0;
    std::string item_ = "its beginning";
    std::string problem_;
    bool failed_ = false;
};

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
