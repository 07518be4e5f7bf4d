// SPDX-License-Identifier: BSL-1.0
// The tool's sentences, for a test without the tool; tool_exit_code.cpp has the rest of what they need.
#include "../../examples/tool/wording.cpp"
