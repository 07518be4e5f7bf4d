// SPDX-License-Identifier: BSL-1.0
// The checker: what a database holds, as its server's own client program and hash functions tell it. Nothing of rowferry's
// takes part, neither to connect nor to read nor to compare.
#ifndef ROWFERRY_TESTS_FIDELITY_FINGERPRINT_HPP
#define ROWFERRY_TESTS_FIDELITY_FINGERPRINT_HPP

#include "private_server.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace fidelity {

/// One table: its columns, invisible and generated ones too, and of each row a hash of each cell.
struct table_print {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows; ///< sorted; a cell is "NULL" or 64 hex digits
    std::string checksum;                       ///< of CHECKSUM TABLE, which goes over the stored bytes
    std::string definition;                     ///< of SHOW CREATE TABLE, without the next AUTO_INCREMENT value
};

/// The base tables of a database, by name. `only` names the one table to look at; empty for all. Throws when the client
/// program fails, and when the server cannot hash a cell.
std::map<std::string, table_print> fingerprint(const support::private_server& server, const std::string& database,
                                               const std::string& only = {});

/// How two tables differ, as "column `a` differs in 1 of 5 rows"; empty when they are equal. Definitions are not compared;
/// checksums are if `stored_bytes` says so, which only one product's own servers compute alike.
std::string difference(const table_print& left, const table_print& right, bool stored_bytes);

} // namespace fidelity

#endif
