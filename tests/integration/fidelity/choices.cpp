// SPDX-License-Identifier: BSL-1.0
// ENUM and SET: the error value, members that are empty, odd or many.
#include "fixture.hpp"

namespace fidelity {
namespace {

// 'm1','m2',…
std::string members(int count) {
    std::string list;
    for (int i = 1; i <= count; ++i) list += (i == 1 ? "'m" : ",'m") + std::to_string(i) + "'";
    return list;
}

} // namespace

fixtures choices() {
    return {
        {"enums", "ENUM, with the error value and with '' as a member",
         "CREATE TABLE enums (id INT PRIMARY KEY, a ENUM('x','y'), b ENUM('','z') CHARACTER SET latin1, c ENUM('x','') "
         "NOT NULL,"
         " d ENUM('0','1','2'), e ENUM('a,b','it''s','back\\\\slash','%s{}','ü') CHARACTER SET utf8mb4)",
         lenient + insert("enums", {"1, 'x', '', 'x', '0', 'a,b'", "2, 'wrong', 'wrong', 'wrong', 'wrong', 'wrong'",
                                    "3, 'y', 'z', '', '1', 'it\\'s'", "4, NULL, NULL, '', NULL, NULL",
                                    "5, '', '', 'x', '2', 'back\\\\\\\\slash'", "6, 0, 0, 0, 0, 0",
                                    "7, 'x', 'wrong', '', '1', '%s{}'", "8, 'y', 'z', 'wrong', '0', 'ü'"}),
         8},
        {"enum charsets", "ENUM, with the error value and with '' as a member",
         "CREATE TABLE `enum charsets` (id INT PRIMARY KEY, a ENUM('ä','ö','') CHARACTER SET utf16, b ENUM('ソ','表') "
         "CHARACTER SET sjis,"
         " c ENUM('誠','表') CHARACTER SET gbk, d ENUM('a','b') CHARACTER SET binary, `größe's %s` ENUM('k','') "
         "CHARACTER SET latin1)",
         lenient + insert("enum charsets", {"1, 1, 1, 1, 1, 1", "2, 2, 2, 2, 2, 2", "3, 3, 0, 0, 0, 0",
                                            "4, 0, 1, 2, 1, 2", "5, NULL, NULL, NULL, NULL, NULL", "6, 0, 0, 0, 0, 0"}),
         6},
        {"many members", "ENUM, with the error value and with '' as a member",
         "CREATE TABLE `many members` (id INT PRIMARY KEY, a ENUM(" + members(300) + ") DEFAULT 'm300', b SET(" +
             members(64) + "))",
         insert("many members", {"1, 'm1', 'm1'", "2, 'm255', 'm64'", "3, 'm256', 'm1,m64'",
                                 "4, 'm300', 18446744073709551615", "5, NULL, ''", "6, 257, 9223372036854775807"}),
         6},
        {"sets", "SET, with '' as a member",
         "CREATE TABLE sets (id INT PRIMARY KEY, a SET('x','y','z'), b SET('','p','q') NOT NULL, c "
         "SET('it''s','back\\\\slash','ü %s','{}') CHARACTER SET utf8mb4,"
         " d SET('','é') CHARACTER SET utf16, e SET('ソ','表') CHARACTER SET sjis)",
         insert("sets", {"1, 'x,z', 'p', 'it\\'s,{}', 1, 1", "2, '', '', '', 0, 0", "3, 'x,y,z', 1, 15, 3, 3",
                         "4, NULL, 7, NULL, NULL, NULL", "5, 'y', 3, 2, 2, 2", "6, 7, 6, 4, 3, 1"}),
         6},
    };
}

} // namespace fidelity
