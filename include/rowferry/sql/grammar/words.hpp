// SPDX-License-Identifier: BSL-1.0
// The words that a definition may hold: charsets, types, units of time, and the functions that expressions may call.
#ifndef ROWFERRY_SQL_GRAMMAR_WORDS_HPP
#define ROWFERRY_SQL_GRAMMAR_WORDS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/lower_case.hpp>
#include <rowferry/table.hpp>

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

using rowferry::detail::lower;

namespace grammar {

/// Whether two words are the same, ignoring ASCII case.
inline bool same_word(std::string_view a, std::string_view b) { return table_schema::same_name(a, b); }

/// The entry of a list that is this word, ignoring ASCII case: the list's own text, never the caller's. Empty when there is
/// none.
template <class List>
constexpr std::string_view known(const List& list, std::string_view word) {
    for (std::string_view each : list) {
        if (same_word(each, word)) return each;
    }
    return {};
}

/// The charsets of both products.
inline constexpr std::string_view charsets[] = {
    "armscii8", "ascii",   "big5",    "binary", "cp1250",   "cp1251",  "cp1256",   "cp1257",  "cp850",
    "cp852",    "cp866",   "cp932",   "dec8",   "eucjpms",  "euckr",   "filename", "gb18030", "gb2312",
    "gbk",      "geostd8", "greek",   "hebrew", "hp8",      "keybcs2", "koi8r",    "koi8u",   "latin1",
    "latin2",   "latin5",  "latin7",  "macce",  "macroman", "sjis",    "swe7",     "tis620",  "ucs2",
    "ujis",     "utf16",   "utf16le", "utf32",  "utf8",     "utf8mb3", "utf8mb4"};

/// The units of INTERVAL, EXTRACT and TIMESTAMPDIFF.
inline constexpr std::string_view units[] = {"microsecond",
                                             "second",
                                             "minute",
                                             "hour",
                                             "day",
                                             "week",
                                             "month",
                                             "quarter",
                                             "year",
                                             "second_microsecond",
                                             "minute_microsecond",
                                             "minute_second",
                                             "hour_microsecond",
                                             "hour_second",
                                             "hour_minute",
                                             "day_microsecond",
                                             "day_second",
                                             "day_minute",
                                             "day_hour",
                                             "year_month"};

/// The operators between two operands that are words.
inline constexpr std::string_view word_operators[] = {"and",  "or",     "xor",   "div",    "mod",
                                                      "like", "regexp", "rlike", "escape", "between"};
/// The operators between two operands that are symbols.
inline constexpr std::string_view symbol_operators[] = {"<=>", "<=", ">=", "<>", "!=", "<<", ">>", "&&", "=", "<",
                                                        ">",   "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^"};

/// The functions that expressions of a definition may call: built-in, and without an effect on anything but their value.
/// Not among them: stored functions, subqueries' and aggregates' functions, and what waits, locks, reads files or reports on
/// other sessions (LOAD_FILE, SLEEP, BENCHMARK, GET_LOCK, MASTER_POS_WAIT, …). Sources: the lists of functions in the manuals
/// of MySQL 9.4 and MariaDB 11.8, and the names that these servers print for them.
inline constexpr std::string_view functions[] = {
    // Numbers
    "abs", "acos", "asin", "atan", "atan2", "bit_count", "ceil", "ceiling", "conv", "cos", "cot", "crc32", "crc32c",
    "degrees", "exp", "floor", "format", "greatest", "least", "ln", "log", "log10", "log2", "mod", "oct", "pi", "pow",
    "power", "radians", "rand", "round", "sign", "sin", "sqrt", "tan", "truncate",
    // Text
    "ascii", "bin", "bit_length", "char_length", "character_length", "chr", "concat", "concat_operator_oracle",
    "concat_ws", "decode", "decode_oracle", "elt", "encode", "export_set", "field", "find_in_set", "from_base64", "hex",
    "insert", "instr", "lcase", "left", "length", "lengthb", "locate", "lower", "lpad", "lpad_oracle", "ltrim",
    "ltrim_oracle", "make_set", "natural_sort_key", "octet_length", "ord", "quote", "regexp_instr", "regexp_like",
    "regexp_replace", "regexp_substr", "repeat", "replace", "replace_oracle", "reverse", "right", "rpad", "rpad_oracle",
    "rtrim", "rtrim_oracle", "sformat", "soundex", "space", "strcmp", "substr_oracle", "substring_index", "to_base64",
    "to_char", "to_number", "ucase", "unhex", "upper",
    // Time
    "add_months", "adddate", "addtime", "convert_tz", "curdate", "current_date", "current_time", "current_timestamp",
    "curtime", "date", "date_add", "date_format", "date_sub", "datediff", "day", "dayname", "dayofmonth", "dayofweek",
    "dayofyear", "from_days", "from_unixtime", "hour", "last_day", "localtime", "localtimestamp", "makedate",
    "maketime", "microsecond", "minute", "month", "monthname", "months_between", "now", "period_add", "period_diff",
    "quarter", "sec_to_time", "second", "str_to_date", "subdate", "subtime", "sysdate", "time", "time_format",
    "time_to_sec", "timediff", "timestamp", "to_days", "to_seconds", "trunc", "unix_timestamp", "utc_date", "utc_time",
    "utc_timestamp", "week", "weekday", "weekofyear", "year", "yearweek",
    // Choices
    "any_value", "coalesce", "if", "ifnull", "isnull", "nullif", "nvl", "nvl2",
    // Who and where: values of the session
    "charset", "coercibility", "collation", "connection_id", "current_role", "current_user", "database", "schema",
    "session_user", "sys_guid", "system_user", "user", "uuid", "uuid_short", "uuid_v4", "uuid_v7", "version",
    // Digests, ciphers, addresses
    "aes_decrypt", "aes_encrypt", "bin_to_uuid", "compress", "encrypt", "etag", "format_bytes", "format_pico_time",
    "gtid_subset", "gtid_subtract", "icu_version", "inet6_aton", "inet6_ntoa", "inet_aton", "inet_ntoa", "is_ipv4",
    "is_ipv4_compat", "is_ipv4_mapped", "is_ipv6", "is_uuid", "kdf", "md5", "old_password", "password", "random_bytes",
    "sha", "sha1", "sha2", "statement_digest", "statement_digest_text", "uncompress", "uncompressed_length",
    "uuid_to_bin",
    // Documents
    "column_check", "column_delete", "column_exists", "column_json", "column_list", "extractvalue", "json_array",
    "json_array_append", "json_array_insert", "json_array_intersect", "json_compact", "json_contains",
    "json_contains_path", "json_depth", "json_detailed", "json_equals", "json_exists", "json_extract", "json_insert",
    "json_key_value", "json_keys", "json_length", "json_loose", "json_merge", "json_merge_patch", "json_merge_preserve",
    "json_normalize", "json_object", "json_object_filter_keys", "json_object_to_array", "json_overlaps", "json_pretty",
    "json_query", "json_quote", "json_remove", "json_replace", "json_schema_valid", "json_schema_validation_report",
    "json_search", "json_set", "json_storage_free", "json_storage_size", "json_type", "json_unquote", "json_valid",
    "updatexml",
    // Vectors
    "distance", "from_vector", "string_to_vector", "to_vector", "vec_distance", "vec_distance_cosine",
    "vec_distance_euclidean", "vec_fromtext", "vec_totext", "vector_dim", "vector_distance", "vector_to_string",
    // Shapes
    "area", "asbinary", "astext", "aswkb", "aswkt", "boundary", "buffer", "centroid", "contains", "convexhull",
    "crosses", "dimension", "disjoint", "endpoint", "envelope", "equals", "exteriorring", "geomcollection",
    "geomcollfromtext", "geomcollfromwkb", "geometrycollection", "geometrycollectionfromtext",
    "geometrycollectionfromwkb", "geometryfromtext", "geometryfromwkb", "geometryn", "geometrytype", "geomfromtext",
    "geomfromwkb", "glength", "interiorringn", "intersects", "isclosed", "isempty", "isring", "issimple",
    "linefromtext", "linefromwkb", "linestring", "linestringfromtext", "linestringfromwkb", "mbrcontains",
    "mbrcoveredby", "mbrcovers", "mbrdisjoint", "mbrequal", "mbrequals", "mbrintersects", "mbroverlaps", "mbrtouches",
    "mbrwithin", "mlinefromtext", "mlinefromwkb", "mpointfromtext", "mpointfromwkb", "mpolyfromtext", "mpolyfromwkb",
    "multilinestring", "multilinestringfromtext", "multilinestringfromwkb", "multipoint", "multipointfromtext",
    "multipointfromwkb", "multipolygon", "multipolygonfromtext", "multipolygonfromwkb", "numgeometries",
    "numinteriorrings", "numpoints", "overlaps", "point", "pointfromtext", "pointfromwkb", "pointn", "pointonsurface",
    "polyfromtext", "polyfromwkb", "polygon", "polygonfromtext", "polygonfromwkb", "srid", "st_area", "st_asbinary",
    "st_asgeojson", "st_astext", "st_aswkb", "st_aswkt", "st_boundary", "st_buffer", "st_buffer_strategy",
    "st_centroid", "st_collect", "st_contains", "st_convexhull", "st_crosses", "st_difference", "st_dimension",
    "st_disjoint", "st_distance", "st_distance_sphere", "st_endpoint", "st_envelope", "st_equals", "st_exteriorring",
    "st_frechetdistance", "st_geohash", "st_geomcollfromtext", "st_geomcollfromtxt", "st_geomcollfromwkb",
    "st_geometrycollectionfromtext", "st_geometrycollectionfromwkb", "st_geometryfromtext", "st_geometryfromwkb",
    "st_geometryn", "st_geometrytype", "st_geomfromgeojson", "st_geomfromtext", "st_geomfromwkb",
    "st_hausdorffdistance", "st_interiorringn", "st_intersection", "st_intersects", "st_isclosed", "st_isempty",
    "st_isring", "st_issimple", "st_isvalid", "st_latfromgeohash", "st_latitude", "st_length", "st_linefromtext",
    "st_linefromwkb", "st_lineinterpolatepoint", "st_lineinterpolatepoints", "st_linestringfromtext",
    "st_linestringfromwkb", "st_longfromgeohash", "st_longitude", "st_makeenvelope", "st_mlinefromtext",
    "st_mlinefromwkb", "st_mpointfromtext", "st_mpointfromwkb", "st_mpolyfromtext", "st_mpolyfromwkb",
    "st_multilinestringfromtext", "st_multilinestringfromwkb", "st_multipointfromtext", "st_multipointfromwkb",
    "st_multipolygonfromtext", "st_multipolygonfromwkb", "st_numgeometries", "st_numinteriorring",
    "st_numinteriorrings", "st_numpoints", "st_overlaps", "st_pointatdistance", "st_pointfromgeohash",
    "st_pointfromtext", "st_pointfromwkb", "st_pointn", "st_pointonsurface", "st_polyfromtext", "st_polyfromwkb",
    "st_polygonfromtext", "st_polygonfromwkb", "st_relate", "st_simplify", "st_srid", "st_startpoint", "st_swapxy",
    "st_symdifference", "st_touches", "st_transform", "st_union", "st_validate", "st_within", "st_x", "st_y",
    "startpoint", "touches", "within", "x", "y"};

/// Those of them that MySQL has, and no MariaDB. A server takes a name that it does not know for a function that another user
/// has stored or loaded there.
inline constexpr std::string_view only_mysql_functions[] = {"regexp_like",
                                                            "bin_to_uuid",
                                                            "etag",
                                                            "gtid_subset",
                                                            "gtid_subtract",
                                                            "icu_version",
                                                            "is_uuid",
                                                            "statement_digest",
                                                            "statement_digest_text",
                                                            "uuid_to_bin",
                                                            "json_schema_validation_report",
                                                            "json_storage_free",
                                                            "json_storage_size",
                                                            "from_vector",
                                                            "string_to_vector",
                                                            "to_vector",
                                                            "vector_dim",
                                                            "vector_to_string",
                                                            "distance",
                                                            "vector_distance",
                                                            "mbrcoveredby",
                                                            "mbrcovers",
                                                            "st_buffer_strategy",
                                                            "st_frechetdistance",
                                                            "st_hausdorffdistance",
                                                            "st_latitude",
                                                            "st_longitude",
                                                            "st_lineinterpolatepoint",
                                                            "st_lineinterpolatepoints",
                                                            "st_makeenvelope",
                                                            "st_pointatdistance",
                                                            "st_swapxy",
                                                            "st_transform",
                                                            "st_geomcollfromtxt",
                                                            "st_numinteriorring"};

/// Those that MariaDB has, and no MySQL from 8.0 on.
inline constexpr std::string_view only_mariadb_functions[] = {"add_months",
                                                              "chr",
                                                              "column_add",
                                                              "column_check",
                                                              "column_create",
                                                              "column_delete",
                                                              "column_exists",
                                                              "column_get",
                                                              "column_json",
                                                              "column_list",
                                                              "concat_operator_oracle",
                                                              "crc32c",
                                                              "decode",
                                                              "decode_oracle",
                                                              "encode",
                                                              "encrypt",
                                                              "json_array_intersect",
                                                              "json_compact",
                                                              "json_detailed",
                                                              "json_equals",
                                                              "json_exists",
                                                              "json_key_value",
                                                              "json_loose",
                                                              "json_normalize",
                                                              "json_object_filter_keys",
                                                              "json_object_to_array",
                                                              "json_query",
                                                              "kdf",
                                                              "lengthb",
                                                              "lpad_oracle",
                                                              "ltrim_oracle",
                                                              "months_between",
                                                              "natural_sort_key",
                                                              "nvl",
                                                              "nvl2",
                                                              "old_password",
                                                              "password",
                                                              "replace_oracle",
                                                              "rpad_oracle",
                                                              "rtrim_oracle",
                                                              "sformat",
                                                              "substr_oracle",
                                                              "sys_guid",
                                                              "to_char",
                                                              "to_number",
                                                              "trim_oracle",
                                                              "trunc",
                                                              "uuid_v4",
                                                              "uuid_v7",
                                                              "vec_distance",
                                                              "vec_distance_cosine",
                                                              "vec_distance_euclidean",
                                                              "vec_fromtext",
                                                              "vec_totext",
                                                              "area",
                                                              "asbinary",
                                                              "astext",
                                                              "aswkb",
                                                              "aswkt",
                                                              "boundary",
                                                              "buffer",
                                                              "centroid",
                                                              "contains",
                                                              "convexhull",
                                                              "crosses",
                                                              "dimension",
                                                              "disjoint",
                                                              "endpoint",
                                                              "envelope",
                                                              "equals",
                                                              "exteriorring",
                                                              "geomcollfromtext",
                                                              "geomcollfromwkb",
                                                              "geometrycollectionfromtext",
                                                              "geometrycollectionfromwkb",
                                                              "geometryfromtext",
                                                              "geometryfromwkb",
                                                              "geometryn",
                                                              "geometrytype",
                                                              "geomfromtext",
                                                              "geomfromwkb",
                                                              "glength",
                                                              "interiorringn",
                                                              "intersects",
                                                              "isclosed",
                                                              "isempty",
                                                              "isring",
                                                              "issimple",
                                                              "linefromtext",
                                                              "linefromwkb",
                                                              "linestringfromtext",
                                                              "linestringfromwkb",
                                                              "mbrequal",
                                                              "mlinefromtext",
                                                              "mlinefromwkb",
                                                              "mpointfromtext",
                                                              "mpointfromwkb",
                                                              "mpolyfromtext",
                                                              "mpolyfromwkb",
                                                              "multilinestringfromtext",
                                                              "multilinestringfromwkb",
                                                              "multipointfromtext",
                                                              "multipointfromwkb",
                                                              "multipolygonfromtext",
                                                              "multipolygonfromwkb",
                                                              "numgeometries",
                                                              "numinteriorrings",
                                                              "numpoints",
                                                              "overlaps",
                                                              "pointfromtext",
                                                              "pointfromwkb",
                                                              "pointn",
                                                              "pointonsurface",
                                                              "polyfromtext",
                                                              "polyfromwkb",
                                                              "polygonfromtext",
                                                              "polygonfromwkb",
                                                              "srid",
                                                              "st_boundary",
                                                              "st_isring",
                                                              "st_pointonsurface",
                                                              "st_relate",
                                                              "startpoint",
                                                              "touches",
                                                              "within",
                                                              "x",
                                                              "y"};

/// Those that MariaDB lacks in some versions, or implements differently.
inline constexpr std::string_view differing_functions[] = {"any_value", "json_merge"};

/// The functions that are also called without parentheses.
inline constexpr std::string_view bare_functions[] = {
    "current_date", "current_role",   "current_time", "current_timestamp", "current_user",
    "localtime",    "localtimestamp", "utc_date",     "utc_time",          "utc_timestamp"};

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
