// SPDX-License-Identifier: BSL-1.0
// Records: names of fields, and which structs can stand for a row, both ways.
#include <rowferry/record.hpp>

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;

struct proc_note {
    std::int64_t ProcNoteNum;
    std::optional<std::string> Note;
    std::string_view signature;
    bool is_signed = false;
};
static_assert(rf::explain_record<proc_note>());
static_assert(rf::field_names<proc_note>() ==
              std::array<std::string_view, 4>{"ProcNoteNum", "Note", "signature", "is_signed"});

// Names do not depend on where the struct is, or on what it is called.
namespace {
struct hidden {
    double x;
    std::optional<float> _2nd_value;
};
template <class T>
struct pair_of {
    T record;
    T to;
};
} // namespace
static_assert(rf::field_names<hidden>() == std::array<std::string_view, 2>{"x", "_2nd_value"});
static_assert(rf::field_names<pair_of<std::string>>() == std::array<std::string_view, 2>{"record", "to"});
static_assert([] {
    struct local {
        int only;
    };
    return rf::field_names<local>()[0] == "only";
}());

// Two structs with a field of one name, or with fields of one type, keep theirs apart.
struct other_note {
    std::int64_t ProcNoteNum;
    std::int64_t PatNum;
};
static_assert(rf::field_names<other_note>() == std::array<std::string_view, 2>{"ProcNoteNum", "PatNum"});

static_assert(rf::RecordField<bool> && rf::RecordField<float> && rf::RecordField<double>);
static_assert(rf::RecordField<std::int8_t> && rf::RecordField<std::uint8_t> && rf::RecordField<short>);
static_assert(rf::RecordField<long> && rf::RecordField<unsigned long> && rf::RecordField<unsigned long long>);
static_assert(rf::RecordField<std::string> && rf::RecordField<std::string_view>);
static_assert(rf::RecordField<std::optional<std::uint64_t>> && rf::RecordField<std::optional<std::string_view>>);

static_assert(!rf::RecordField<char> && !rf::RecordField<wchar_t> && !rf::RecordField<long double>);
static_assert(!rf::RecordField<const char*> && !rf::RecordField<const int> && !rf::RecordField<int&>);
static_assert(!rf::RecordField<std::vector<char>> && !rf::RecordField<std::optional<std::optional<int>>>);
static_assert(!rf::RecordField<std::map<int, int>> && !rf::RecordField<proc_note>);

static_assert(std::forward_iterator<rf::record_range<proc_note>::iterator>);
static_assert(std::input_iterator<rf::record_range<other_note>::iterator>);

// A range over a batch or a binding that is gone in the same line does not compile.
template <class Batch, class Binding>
concept gives_records = requires(Batch&& batch, Binding&& binding) {
    rf::records<proc_note>(static_cast<Batch&&>(batch), static_cast<Binding&&>(binding));
};
static_assert(gives_records<rf::row_batch&, const rf::record_binding<proc_note>&>);
static_assert(!gives_records<rf::row_batch, const rf::record_binding<proc_note>&>);
static_assert(!gives_records<rf::row_batch&, rf::record_binding<proc_note>>);
static_assert(!gives_records<rf::row_batch&, const rf::record_binding<other_note>&>);

// A plain struct is an aggregate with fields, and without a base.
struct derived : other_note {
    int more;
};
struct first_is_a_struct {
    other_note note;
};
struct constructed {
    explicit constructed(int);
    int number;
};
struct empty {};
static_assert(rf::detail::plain_struct<proc_note> && rf::detail::plain_struct<first_is_a_struct>);
static_assert(!rf::detail::plain_struct<derived> && !rf::detail::plain_struct<constructed>);
static_assert(!rf::detail::plain_struct<empty> && !rf::detail::plain_struct<const proc_note>);
static_assert(!rf::detail::plain_struct<int> && !rf::detail::plain_struct<std::string>);
