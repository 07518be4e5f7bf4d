// SPDX-License-Identifier: BSL-1.0
// JSON, and geometry with its reference systems.
#include "fixture.hpp"

namespace fidelity {

fixtures documents_and_shapes() {
    return {
        {"documents", "JSON", "CREATE TABLE documents (id INT PRIMARY KEY, j JSON, k JSON NOT NULL)",
         insert("documents",
                {R"(1, '{"a": [1, null, true, "x"], "ü": "😀", "": {}}', '[]')",
                 R"(2, '"a \\"quoted\\" \\\\ text"', 'null')", R"(3, '18446744073709551615', '-9223372036854775808')",
                 R"(4, '1.7976931348623157e308', '0.1')", R"(5, NULL, '{"b": 1, "aa": 2, "c": {"d": [[[]]]}}')",
                 R"(6, '"\\u0000 \\u0027"', '"it\'s"')", R"(7, '"2020-02-31"', 'false')",
                 "8, CONCAT('[', REPEAT('{\"k\": \"v\"},', 20000), '1]'), '{}'"}),
         8, product::any, 0, true},
        {"shapes", "Geometry, with its SRID",
         "CREATE TABLE shapes (id INT PRIMARY KEY, g GEOMETRY, p POINT, l LINESTRING, a POLYGON, mp MULTIPOINT, ml "
         "MULTILINESTRING,"
         " ma MULTIPOLYGON)",
         insert("shapes",
                {"1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(-0.1 1e300)'), "
                 "ST_GeomFromText('LINESTRING(0 0,1 1,2 "
                 "0.1)'), ST_GeomFromText('POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 2,1 1))'), "
                 "ST_GeomFromText('MULTIPOINT(0 0,1 "
                 "1)'), ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))'), ST_GeomFromText('MULTIPOLYGON(((0 0,1 "
                 "0,1 1,0 "
                 "0)),((5 5,6 5,6 6,5 5)))')",
                 "2, ST_GeomFromText('LINESTRING(10 20,30 40)', 3857), ST_GeomFromText('POINT(10 20)', 4326), "
                 "ST_GeomFromText('LINESTRING(10 20,30 40)', 4326), NULL, NULL, NULL, NULL",
                 "3, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))'), NULL, NULL, NULL, NULL, "
                 "NULL, NULL",
                 "4, NULL, ST_GeomFromText('POINT(0.1 0.30000000000000004)', 3857), NULL, NULL, NULL, NULL, NULL",
                 "5, ST_GeomFromText('POINT(39 92)'), ST_GeomFromText('POINT(4.9406564584124654e-324 -1e-300)'), NULL, "
                 "NULL, NULL, NULL, "
                 "NULL"}),
         5},
        {"shape index", "Geometry, with its SRID",
         "CREATE TABLE `shape index` (id BIGINT AUTO_INCREMENT PRIMARY KEY, g GEOMETRY NOT NULL, SPATIAL INDEX (g))",
         insert("shape index", {"-1, ST_GeomFromText('POINT(0 0)')", "0, ST_GeomFromText('POINT(39 92)')",
                                "5, ST_GeomFromText('LINESTRING(0 "
                                "0,5 5)')",
                                "6, ST_GeomFromText('POINT(1e10 -1e10)')"}),
         4, product::mariadb},
        {"any srid", "Geometry, with its SRID",
         "CREATE TABLE `any srid` (id INT PRIMARY KEY, g POINT, c GEOMETRYCOLLECTION)",
         insert("any srid",
                {"1, ST_GeomFromText('POINT(1 2)', 4294967295), NULL",
                 "2, ST_GeomFromText('POINT(1 2)', 12345), "
                 "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')",
                 "3, ST_GeomFromText('POINT(1000 2000)', 4326), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))', 7)",
                 "4, NULL, NULL"}),
         4, product::mariadb},
        {"fixed srid", "Geometry, with its SRID",
         "CREATE TABLE `fixed srid` (id INT PRIMARY KEY, g GEOMETRY NOT NULL SRID 4326, c GEOMETRYCOLLECTION, SPATIAL "
         "INDEX (g))",
         insert(
             "fixed srid",
             {"1, ST_GeomFromText('POINT(89.9 179.9)', 4326), NULL",
              "2, ST_GeomFromText('LINESTRING(-89.9 -179.9,0 0)', 4326), ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')",
              "3, ST_GeomFromText('POINT(0.1 0.2)', 4326), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')",
              "4, ST_GeomFromText('POINT(10 20)', 4326), NULL"}),
         4, product::mysql},
    };
}

} // namespace fidelity
