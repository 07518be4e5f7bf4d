// SPDX-License-Identifier: BSL-1.0
// The tool's exit codes, for a test without the tool, and without a signal.
#include "../../examples/tool/exit_code.cpp"

namespace tool {
const char* stop_signal() { return nullptr; }
int stop_signal_number() { return 0; }
} // namespace tool
