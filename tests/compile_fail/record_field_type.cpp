// SPDX-License-Identifier: BSL-1.0
// A record with a field whose type holds no column's value exactly.
// expected: rowferry: a field of this record has a type that cannot hold a column
#include <rowferry/record.hpp>

struct payment {
    long id;
#ifdef ROWFERRY_BROKEN
    long double amount;
#else
    std::string amount;
#endif
};

rowferry::result<rowferry::record_binding<payment>> bind(const rowferry::table_schema& table) {
    return rowferry::bind_record<payment>(table);
}
long sum(const rowferry::row_batch& batch, const rowferry::record_binding<payment>& binding) {
    long sum = 0;
    for (const payment& paid : rowferry::records(batch, binding)) sum += paid.id;
    return sum;
}
rowferry::result<void> append(rowferry::row_batch& batch, const payment& paid) {
    return rowferry::append_record(batch, paid);
}
