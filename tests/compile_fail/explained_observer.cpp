// SPDX-License-Identifier: BSL-1.0
// An observer that is asked about beside its definition, and hears nothing.
// expected: rowferry: this is not an observer: it has no hook `on` for any event of observe.hpp
#include <rowferry/rowferry.hpp>

struct listener {
#ifdef ROWFERRY_BROKEN
    void hear(const rowferry::notice&) {}
#else
    void on(const rowferry::notice&) {}
#endif
};

static_assert(rowferry::explain_observer<listener>());
