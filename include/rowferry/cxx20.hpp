// SPDX-License-Identifier: BSL-1.0
// Whether the compiler's mode is new enough. Each header includes this first and keeps the rest for such a mode, so that an
// older one gets one sentence and not thousands of lines.
#ifndef ROWFERRY_CXX20_HPP
#define ROWFERRY_CXX20_HPP

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 202002L
#error rowferry needs C++20: compile with -std=c++20 or later (many compilers have an older default)
#else
#define ROWFERRY_CXX20
#endif

#endif
