// SPDX-License-Identifier: BSL-1.0
// A column map between records whose fields differ in type.
// expected: rowferry: the records of a column map have fields of different types in the same place
#include <rowferry/record.hpp>

#include <string>

struct patient {
    long PatNum;
    std::string LName;
};
struct person {
    long id;
#ifdef ROWFERRY_BROKEN
    long last_name;
#else
    std::string last_name;
#endif
};

std::size_t columns() { return rowferry::columns_of<patient, person>().size(); }
