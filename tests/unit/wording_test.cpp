// SPDX-License-Identifier: BSL-1.0
// The tool's sentences for copies that stopped: how to continue.
#include "catch.hpp"

#include "../../examples/tool/wording.hpp"

#include <string>

namespace rf = rowferry;

namespace {

/// What a copy of one table says that stopped with the error.
std::string told(const rf::error& e, bool has_committed, const tool::options& wanted) {
    return tool::sentence(e, rf::outcome::stopped, has_committed, wanted);
}

} // namespace

TEST_CASE("the same command is advised only where it can help as it is", "[wording]") {
    tool::options wanted;
    wanted.tables = {"t"};
    rf::error e;
    e.message = "it failed";
    CHECK(told(e, true, wanted) == "it failed; run the same command again to continue when that is fixed");
    e.fault = rf::fault::connection_lost;
    CHECK(told(e, true, wanted) == "it failed; run the same command again to continue");
    e.fault = rf::fault::permanent;
    e.remedies = {rf::remedy{rf::remedy::smaller_batches}};
    const std::string smaller = "it failed; use smaller batches (--batch-bytes), or fewer --jobs; ";
    CHECK(told(e, true, wanted) == smaller + "then run the command again to continue");
    wanted.truncate_target = true;
    CHECK(told(e, false, wanted) == smaller + "then run the command again to continue");
    CHECK(told(e, true, wanted) == smaller + "then run the command again without --truncate-target to continue");
    wanted.consistent = true;
    CHECK(told(e, true, wanted) == smaller + "the snapshot ended with this run: run the command again, "
                                             "to copy everything as of one point in time");
}
