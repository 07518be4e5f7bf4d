// SPDX-License-Identifier: BSL-1.0
#include "guarded_tool.hpp"

#include "child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#if defined(__SANITIZE_ADDRESS__)
#define ROWFERRY_TESTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ROWFERRY_TESTS_SANITIZED 1
#endif
#endif

namespace hostile {

namespace {

using clock = std::chrono::steady_clock;

std::string program() {
    const char* chosen = std::getenv("ROWFERRY_TOOL");
    return chosen == nullptr || *chosen == '\0' ? ROWFERRY_TOOL : chosen;
}

std::string text_of(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
}

/// One line of the record: bytes that are no plain text as \xNN, and no more than the beginning.
void record(const std::string& name, const outcome& o) {
    const char* path = std::getenv("ROWFERRY_HOSTILE_RECORD");
    if (path == nullptr || *path == '\0' || name.empty()) return;
    std::string said;
    for (const char c : o.err + " // " + o.out) {
        constexpr std::size_t longest = 400;
        if (said.size() > longest) break;
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            said += " / ";
        } else if (byte < 0x20 || byte > 0x7e || c == '|') {
            said += "\\x";
            said += "0123456789abcdef"[byte / 16];
            said += "0123456789abcdef"[byte % 16];
        } else {
            said += c;
        }
    }
    std::string title = name;
    std::replace(title.begin(), title.end(), '\n', ' ');
    std::ofstream(path, std::ios::app) << title << " | "
                                       << (o.hung ? "killed after " : "exit " + std::to_string(o.exit_code) + " after ")
                                       << o.took.count() << " ms, " << (o.peak_bytes >> 20U) << " MiB, "
                                       << o.err.size() + o.out.size() << " bytes of output | " << said << '\n';
}

[[noreturn]] void become(const std::vector<std::string>& command, const std::string& out, const std::string& err,
                         const guard& g, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::setpgid(0, 0);
    const rlim_t core = g.may_dump_core ? RLIM_INFINITY : 0;
    const rlimit core_limit{core, core};
    ::setrlimit(RLIMIT_CORE, &core_limit);
    if (g.address_space != 0) {
        const rlimit memory{g.address_space, g.address_space};
        ::setrlimit(RLIMIT_AS, &memory);
    }
    if (g.may_dump_core && ::chdir(out.substr(0, out.rfind('/')).c_str()) != 0) ::_exit(127);
    const int input = ::open("/dev/null", O_RDONLY);
    const int output = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int errors = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (input < 0 || output < 0 || errors < 0) ::_exit(127);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(errors, 2);
    std::signal(SIGPIPE, SIG_DFL);
    for (const std::string& each : g.environment) ::putenv(const_cast<char*>(each.c_str()));
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
}

} // namespace

std::uint64_t most_memory() {
#if defined(ROWFERRY_TESTS_SANITIZED)
    constexpr std::uint64_t mebibytes = 1024; // freed memory is kept for a while, and each byte has a shadow
#else
    constexpr std::uint64_t mebibytes = 256;
#endif
    return mebibytes << 20U;
}

bool is_sanitized() {
#if defined(ROWFERRY_TESTS_SANITIZED)
    return true;
#else
    return false;
#endif
}

outcome run_guarded(const std::vector<std::string>& arguments, const guard& g) {
    std::vector<std::string> command{program()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const outcome o = run_program(command, g);
    record(g.name, o);
    return o;
}

outcome run_program(const std::vector<std::string>& command, const guard& g) {
    static const support::temporary_folder folder;
    static unsigned runs = 0;
    const std::string base = folder.path() + "/run" + std::to_string(++runs);
    const std::string out = base + ".out";
    const std::string err = base + ".err";
    const auto begin = clock::now();
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) become(command, out, err, g, parent);

    outcome o;
    int state = 0;
    rusage used{};
    bool signalled = g.signal == 0;
    for (;;) {
        const pid_t ended = ::wait4(child, &state, WNOHANG, &used);
        if (ended == child || (ended < 0 && errno != EINTR)) break;
        const auto now = clock::now();
        if (!signalled && now - begin >= g.signal_after) {
            signalled = true;
            ::kill(child, g.signal);
        }
        if (!o.hung && now - begin > g.patience) {
            o.hung = true;
            ::kill(child, SIGKILL);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    o.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
    o.exit_code = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
    o.dumped_core = WIFSIGNALED(state) && WCOREDUMP(state);
    o.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024U;
    o.out = text_of(out);
    o.err = text_of(err);
    ::unlink(out.c_str());
    ::unlink(err.c_str());
    return o;
}

std::vector<std::string> copy_arguments(const std::string& source, const std::string& target,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> all{"copy", "--source", source, "--target", target, "--table", "t"};
    all.insert(all.end(), {"--retry-delay", "0.01", "--max-retries", "2"});
    all.insert(all.end(), more.begin(), more.end());
    if (std::find(more.begin(), more.end(), "--verify") != more.end()) all.insert(all.end(), {"--second-look", "0.01"});
    return all;
}

std::vector<std::string> verify_arguments(const std::string& source, const std::string& target) {
    return {"verify",        "--source", source,          "--target", target,          "--table", "t",
            "--retry-delay", "0.01",     "--max-retries", "2",        "--second-look", "0.01"};
}

} // namespace hostile
