// SPDX-License-Identifier: BSL-1.0
// A pipeline that could double rows does not compile; built with ROWFERRY_BROKEN defined, this file shows the error.
// expected: rowferry: this pipeline could double rows
#include <rowferry/rowferry.hpp>

#include <cstdio>

namespace rf = rowferry;

int main() {
#ifdef ROWFERRY_BROKEN
    // [a mistake]
    rf::pipeline ferry{rf::exponential_backoff{}, rf::insert{}, rf::no_checkpoint{}};
    // [a mistake]
#else
    // [mended]
    rf::pipeline ferry{rf::exponential_backoff{}, rf::upsert{}, rf::no_checkpoint{}}; // writing twice does no harm
    rf::pipeline exact{rf::exponential_backoff{}, rf::insert{}}; // a checkpoint tells what was committed
    // [mended]
    std::printf("an upsert needs no checkpoint: %s\n", ferry.stores_checkpoint ? "it has one" : "it has none");
    std::printf("an insert does: %s\n", exact.stores_checkpoint ? "it has one" : "it has none");
#endif
}
