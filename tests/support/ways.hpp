// SPDX-License-Identifier: BSL-1.0
// The ways to write that the client library of this build and a server of the tests can go.
#ifndef ROWFERRY_TESTS_WAYS_HPP
#define ROWFERRY_TESTS_WAYS_HPP

#include "private_server.hpp"

#include <rowferry/write_mode.hpp>
#include <rowferry/write_way.hpp>

#include <mysql.h>

#include <vector>

namespace support {

/// All of them; in the write mode upsert there is no LOAD DATA.
inline std::vector<rowferry::write_way> ways_to(const private_server& server,
                                                rowferry::write_kind kind = rowferry::write_kind::insert) {
    using rowferry::write_way;
    std::vector<write_way> ways{write_way::multi_row};
    if (kind != rowferry::write_kind::upsert) ways.push_back(write_way::load_data);
#if defined(LIBMARIADB)
    if (!server.is_mysql()) ways.push_back(write_way::array_binding);
#else
    static_cast<void>(server);
#endif
    return ways;
}

} // namespace support

#endif
