// SPDX-License-Identifier: BSL-1.0
// The client over the libmysqlclient C API: MariaDB Connector/C, or Oracle's library 8 or 9.
//
//   mysql/connector.hpp   connector{"mysql://user@host/database"}: makes connections
//   mysql/connection.hpp  connection: describe, read, write, transactions, checkpoints, counts
//   mysql/write_ways.hpp  the three ways to write, each in a file of its own
//   mysql/uri.hpp         where a connection leads
#ifndef ROWFERRY_MYSQL_HPP
#define ROWFERRY_MYSQL_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/mysql/connection.hpp>
#include <rowferry/mysql/connector.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/verify/digest.hpp>

namespace rowferry {
inline namespace v0 {
namespace mysql {

static_assert(Source<connection> && Target<connection> && Connector<connector>);
static_assert(CheckpointStore<connection> && CountsRows<connection> && FindsMaximum<connection>);
static_assert(TruncatesTables<connection> && ListsWholeCatalog<connection> && CopiesServerSide<connection, connection>);
static_assert(ChoosesWriteWay<connection>);
static_assert(SerializesCopies<connection>);
static_assert(Verifiable<connection> && FindsRows<connection> && RemovesRows<connection>);

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
