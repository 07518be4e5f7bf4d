// SPDX-License-Identifier: BSL-1.0
// Columns chosen by the fields of structs.
#include "catch.hpp"

#include <rowferry/record.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;

namespace {

struct patient {
    std::int64_t PatNum;
    std::optional<std::string> LName;
};
struct person {
    std::int64_t id;
    std::optional<std::string> last_name;
};

} // namespace

TEST_CASE("a struct's fields choose columns, and two structs rename them") {
    CHECK(rf::columns_of<patient>() == std::vector<rf::column_pair>{{"PatNum"}, {"LName"}});
    CHECK(rf::columns_of<patient, person>() == std::vector<rf::column_pair>{{"PatNum", "id"}, {"LName", "last_name"}});
}
