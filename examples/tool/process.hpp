// SPDX-License-Identifier: BSL-1.0
// What the operating system may do with this process, which holds passwords and rows in its memory.
#pragma once

namespace tool {

/// No core dumps, and on Linux no other program of the same user may attach or read the memory (PR_SET_DUMPABLE). Call it
/// before the first secret is read. A debugger that starts the program itself still works.
void protect_memory();

/// A standard stream that was closed would lend its number to a connection, and the next line on it would go to a server.
/// Opened for reading only, it still refuses what is written to it.
void occupy_closed_streams();

} // namespace tool
