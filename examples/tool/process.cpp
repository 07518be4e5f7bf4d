// SPDX-License-Identifier: BSL-1.0
#include "process.hpp"

#include <initializer_list>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace tool {

void protect_memory() {
    // Neither can fail in a way that helps to know: then the process is as any other.
    const rlimit none{};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // a pipe in core_pattern ignores the limit, and this it does not
#endif
}

void occupy_closed_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(stream, F_GETFD) == -1 && open("/dev/null", O_RDONLY) == -1) return;
    }
}

} // namespace tool
