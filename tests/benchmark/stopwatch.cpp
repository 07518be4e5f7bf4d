// SPDX-License-Identifier: BSL-1.0
// Runs a command and writes what it cost into a file, as one line of JSON.
//
//   stopwatch FILE COMMAND [ARGUMENT...]
//
// wall, user and system are seconds, peak_kib the largest resident memory of any one process of the command. It is a small
// program, because a child's peak memory begins with that of the process that forked it.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: %s FILE COMMAND [ARGUMENT...]\n", argv[0]);
        return 2;
    }
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child < 0) {
        std::perror("stopwatch: fork");
        return 2;
    }
    if (child == 0) {
        execvp(argv[2], argv + 2);
        std::perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child) {
        std::perror("stopwatch: wait4");
        return 2;
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

    std::FILE* out = std::fopen(argv[1], "w");
    if (out == nullptr) {
        std::perror(argv[1]);
        return 2;
    }
    std::fprintf(out, R"({"wall":%.6f,"user":%.6f,"system":%.6f,"peak_kib":%ld,"exit":%d})", wall.count(),
                 seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss, code);
    std::fputc('\n', out);
    return std::fclose(out) == 0 ? code : 2;
}
