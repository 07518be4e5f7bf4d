// SPDX-License-Identifier: BSL-1.0
// Doubles for unit tests: an in-memory database with faults by a script, a clock that does not wait, and an observer
// that keeps what it hears.
#ifndef ROWFERRY_TESTING_HPP
#define ROWFERRY_TESTING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/testing/fake_database.hpp>
#include <rowferry/testing/manual_timing.hpp>
#include <rowferry/testing/recording_observer.hpp>

#endif // ROWFERRY_CXX20
#endif
