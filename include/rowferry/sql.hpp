// SPDX-License-Identifier: BSL-1.0
// Typed operations as MySQL text: pure functions that append to one reusable string.
//
//   sql/text.hpp        identifiers and literals
//   sql/enum.hpp        members of ENUM and SET, and the numbers that they sort by
//   sql/bound.hpp       conditions that bound a page
//   sql/saved_value.hpp whether text can be a value that a server gave for a column
//   sql/read.hpp        pages, counts, maxima
//   sql/write.hpp       multi-row inserts in each write mode, and the copy of a page inside one server
//   sql/bulk.hpp        writes whose rows travel beside the statement: arrays of parameters, LOAD DATA
//   sql/checkpoint.hpp  the checkpoint table
//   sql/catalog.hpp     what describes a table
//   sql/digest.hpp      checksums and digests of rows, and rows by key
//   sql/session.hpp     what each fresh connection is told, and what it must answer
//
// The text is meant for a connection whose character set is `binary`: then the server takes and gives the bytes of every
// column unconverted, whatever its charset, and takes identifiers as UTF-8.
#ifndef ROWFERRY_SQL_HPP
#define ROWFERRY_SQL_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/bound.hpp>
#include <rowferry/sql/bulk.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/checkpoint.hpp>
#include <rowferry/sql/digest.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/sql/read.hpp>
#include <rowferry/sql/saved_value.hpp>
#include <rowferry/sql/session.hpp>
#include <rowferry/sql/snapshot.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/sql/write.hpp>

#endif // ROWFERRY_CXX20
#endif
