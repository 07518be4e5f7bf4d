// SPDX-License-Identifier: BSL-1.0
// Dates and times: zero and invalid ones, beyond a day and below zero, fractions, and both hours of a clock put back.
#include "fixture.hpp"

namespace fidelity {

fixtures moments() {
    return {
        {"dates", "DATE and DATETIME, zero and invalid ones too",
         "CREATE TABLE dates (id INT PRIMARY KEY, a DATE, b DATETIME, c DATETIME(6), d DATETIME(3) NOT NULL)",
         insert("dates",
                {"1, '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00'",
                 "2, '2020-02-31', '2020-02-31 23:59:59', '2021-02-29 00:00:00.000001', '2020-11-31 01:02:03.999'",
                 "3, '2020-00-00', '2020-00-31 00:00:00', '2020-01-00 12:00:00.5', '0000-01-01'",
                 "4, '9999-12-31', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999999', '1000-01-01'",
                 "5, NULL, NULL, NULL, '2026-10-25 02:30:00.500'",
                 "6, '0001-01-01', '1582-10-10 00:00:00', '1969-12-31 23:59:59.999999', '2026-03-29 02:30:00'"}),
         6},
        {"times", "TIME, beyond 24 h and negative", "CREATE TABLE times (k TIME(3) PRIMARY KEY, a TIME, b TIME(6))",
         insert("times",
                {"'-838:59:59', '838:59:59', '838:59:58.999999'", "'-838:59:58.999', '-838:59:59', '-838:59:58.999999'",
                 "'-00:00:00.001', '-00:00:01', '-00:00:00.000001'", "'00:00:00', '24:00:00', '00:00:00.000001'",
                 "'23:59:59.999', '25:00:01', '99:59:59.5'", "'100:00:00', NULL, NULL",
                 "'838:59:59', '00:00:00', '00:00:00'"}),
         7},
        {"timestamps", "TIMESTAMP, across a change of the clock",
         "CREATE TABLE timestamps (id INT PRIMARY KEY, a TIMESTAMP NULL, b TIMESTAMP(6) NULL, c TIMESTAMP NOT NULL "
         "DEFAULT "
         "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, d DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE "
         "CURRENT_TIMESTAMP)",
         insert("timestamps",
                {"1, '2026-10-25 00:30:00', '2026-10-25 00:30:00.000001', '2026-10-25 01:30:00', NULL",
                 "2, '2026-10-25 01:30:00', '2026-10-25 01:30:00.000001', '2026-10-25 00:30:00', '2026-10-25 02:30:00'",
                 "3, '2026-03-29 00:59:59', '2026-03-29 01:00:00.999999', '2026-03-29 01:30:00', '2026-03-29 02:30:00'",
                 "4, '1970-01-01 00:00:01', '1970-01-01 00:00:01.000001', '2038-01-19 03:14:07', '0000-00-00'",
                 "5, '0000-00-00', '0000-00-00', '0000-00-00', NULL", "6, NULL, NULL, '2000-01-01', '2000-02-31'"}),
         6},
        {"timestamp key", "Keys of DATE, TIME, DATETIME and TIMESTAMP",
         "CREATE TABLE `timestamp key` (at TIMESTAMP(2) NOT NULL DEFAULT '2000-01-01', v INT, PRIMARY KEY (at))",
         insert("timestamp key",
                {"'0000-00-00', 0", "'2026-10-25 00:00:00', 1", "'2026-10-25 00:30:00', 2", "'2026-10-25 01:00:00', 3",
                 "'2026-10-25 01:30:00.25', 4", "'2026-10-25 01:30:00.26', 5", "'2026-03-29 01:00:00', 6"}),
         7},
        {"date key", "Keys of DATE, TIME, DATETIME and TIMESTAMP",
         "CREATE TABLE `date key` (d DATE, t DATETIME(6), v INT, PRIMARY KEY (d DESC, t))",
         insert("date key",
                {"'0000-00-00', '0000-00-00 00:00:00', 1", "'2020-02-31', '2020-02-31 00:00:00.000001', 2",
                 "'2020-02-31', '2020-02-31 00:00:00.000002', 3", "'2020-00-00', '2020-01-01 00:00:00', 4",
                 "'9999-12-31', '9999-12-31 23:59:59.999999', 5", "'2020-02-30', '0000-00-00 00:00:00', 6"}),
         6},
    };
}

} // namespace fidelity
