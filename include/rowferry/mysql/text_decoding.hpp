// SPDX-License-Identifier: BSL-1.0
// Text of the server's charsets as UTF-8, for people and reports; rows never pass through here.
#ifndef ROWFERRY_MYSQL_TEXT_DECODING_HPP
#define ROWFERRY_MYSQL_TEXT_DECODING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <iconv.h>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

constexpr bool is_ascii(std::string_view bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char b) { return static_cast<unsigned char>(b) < 0x80; });
}

/// latin1 is Windows-1252, whose five gaps are the control characters of their number.
///
/// Source: MySQL's manual, "West European Character Sets".
inline std::string decode_latin1(std::string_view bytes) {
    constexpr std::array<unsigned, 32> second_controls{0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                       0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
    std::string text;
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        const unsigned c = byte >= 0x80 && byte < 0xA0 ? second_controls[byte - 0x80U] : byte;
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else if (c < 0x800) {
            text += static_cast<char>(0xC0U | (c >> 6U));
            text += static_cast<char>(0x80U | (c & 0x3FU));
        } else {
            text += static_cast<char>(0xE0U | (c >> 12U));
            text += static_cast<char>(0x80U | ((c >> 6U) & 0x3FU));
            text += static_cast<char>(0x80U | (c & 0x3FU));
        }
    }
    return text;
}

/// What the system's library calls a charset of the server; null for one that it lacks, as dec8 or hp8.
inline const char* system_name_of(std::string_view charset) {
    struct names {
        std::string_view here;
        const char* there;
    };
    constexpr names all[]{{"armscii8", "ARMSCII-8"}, {"big5", "BIG5"},          {"cp1250", "CP1250"},
                          {"cp1251", "CP1251"},      {"cp1256", "CP1256"},      {"cp1257", "CP1257"},
                          {"cp850", "CP850"},        {"cp852", "CP852"},        {"cp866", "CP866"},
                          {"cp932", "CP932"},        {"eucjpms", "EUC-JP-MS"},  {"euckr", "EUC-KR"},
                          {"gb18030", "GB18030"},    {"gb2312", "EUC-CN"},      {"gbk", "GBK"},
                          {"greek", "ISO-8859-7"},   {"hebrew", "ISO-8859-8"},  {"koi8r", "KOI8-R"},
                          {"koi8u", "KOI8-U"},       {"latin2", "ISO-8859-2"},  {"latin5", "ISO-8859-9"},
                          {"latin7", "ISO-8859-13"}, {"macroman", "MACINTOSH"}, {"sjis", "SHIFT_JIS"},
                          {"tis620", "TIS-620"},     {"ucs2", "UCS-2BE"},       {"ujis", "EUC-JP"},
                          {"utf16", "UTF-16BE"},     {"utf16le", "UTF-16LE"},   {"utf32", "UTF-32BE"}};
    for (const names& each : all) {
        if (each.here == charset) return each.there;
    }
    return nullptr;
}

/// Text of one charset in another; none where it is not well-formed, or the system lacks one of them.
inline std::optional<std::string> convert(const char* from, const char* to, std::string_view text) {
    const iconv_t both = iconv_open(to, from);
    if (both == reinterpret_cast<iconv_t>(-1)) return std::nullopt; // NOLINT: so the function is specified
    std::string input(text);                                        // its parameter is not const
    std::string out(4 * text.size() + 16, '\0');
    char* read = input.data();
    char* written = out.data();
    std::size_t unread = input.size();
    std::size_t room = out.size();
    constexpr auto failed = static_cast<std::size_t>(-1);
    const bool is_done = iconv(both, &read, &unread, &written, &room) != failed &&
                         iconv(both, nullptr, nullptr, &written, &room) != failed && unread == 0;
    iconv_close(both);
    if (!is_done) return std::nullopt;
    out.resize(out.size() - room);
    return out;
}

/// The `text_decoder` of this client. The way back has to lead to the same bytes, so that no two texts become one.
inline std::optional<std::string> decode_text(std::string_view bytes, std::string_view charset) {
    if (charset == "latin1") return decode_latin1(bytes);
    if (charset == "ascii") return is_ascii(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
    const char* const name = system_name_of(charset);
    if (name == nullptr) return std::nullopt;
    auto text = convert(name, "UTF-8", bytes);
    if (!text || convert("UTF-8", name, *text) != bytes) return std::nullopt;
    return text;
}

/// The decoder of a column; none for text that is UTF-8 as it is.
inline text_decoder decoder_for(std::string_view charset) {
    const bool is_utf8 = charset.empty() || charset.starts_with("utf8");
    return is_utf8 ? nullptr : decode_text;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
