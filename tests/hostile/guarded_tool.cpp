// SPDX-License-Identifier: BSL-1.0
#include "guarded_tool.hpp"

#include "child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
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
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    std::string title = name;
    std::replace(title.begin(), title.end(), '\n', ' ');
    std::ofstream(path, std::ios::app) << title << " | "
                                       << (o.hung   ? "killed after "
                                           : o.grew ? "too much memory after "
                                                    : "exit " + std::to_string(o.exit_code) + " after ")
                                       << o.took.count() << " ms, " << (o.peak_bytes >> 20U) << " MiB, "
                                       << o.err.size() + o.out.size() << " bytes of output | " << said << '\n';
}

/// What a child needs, made before the fork: in the child nothing may be allocated, since other threads run.
struct plan {
    std::vector<char*> arguments{};
    std::vector<char*> environment{};
    std::string folder{};
    std::string out{};
    std::string err{};
    rlimit core{};
    rlimit memory{};
    pid_t parent = ::getpid();
};

[[noreturn]] void become(const plan& p, const guard& g) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != p.parent) ::_exit(127);
    ::setpgid(0, 0);
    ::setrlimit(RLIMIT_CORE, &p.core);
    if (g.address_space != 0) ::setrlimit(RLIMIT_AS, &p.memory);
    if (g.may_dump_core && ::chdir(p.folder.c_str()) != 0) ::_exit(127);
    const int input = ::open("/dev/null", O_RDONLY);
    const int output = ::open(p.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int errors = ::open(p.err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (input < 0 || output < 0 || errors < 0) ::_exit(127);
    ::dup2(input, 0);
    ::dup2(output, 1);
    ::dup2(errors, 2);
    std::signal(SIGPIPE, SIG_DFL);
    ::execve(p.arguments.front(), p.arguments.data(), p.environment.data());
    ::_exit(127);
}

/// The most that a process has held in memory; 0 when it has ended. What wait4 says counts this process's memory too,
/// which the child had until it became the tool.
std::uint64_t peak_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024U;
    }
    return 0;
}

/// Waits until the child has become the tool, or ended: then nobody holds the writing end any more.
void wait_for_end(int reading_end) {
    char byte = 0;
    while (::read(reading_end, &byte, 1) < 0 && errno == EINTR) {
    }
    ::close(reading_end);
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
    static std::atomic<unsigned> runs{0};
    const std::string base = folder.path() + "/run" + std::to_string(++runs);
    plan p;
    p.folder = folder.path();
    p.out = base + ".out";
    p.err = base + ".err";
    const rlim_t core = g.may_dump_core ? RLIM_INFINITY : 0;
    p.core = {core, core};
    p.memory = {g.address_space, g.address_space};
    for (const std::string& word : command) p.arguments.push_back(const_cast<char*>(word.c_str()));
    p.arguments.push_back(nullptr);
    for (const std::string& each : g.environment) p.environment.push_back(const_cast<char*>(each.c_str()));
    // LeakSanitizer cannot look into a process that lets nobody look into it, as the tool is.
    static const std::array<std::string, 2> sanitizers{
        "ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:exitcode=" + std::to_string(found_by_sanitizer),
        "UBSAN_OPTIONS=print_stacktrace=1:exitcode=" + std::to_string(found_by_sanitizer)};
    for (const std::string& each : sanitizers) p.environment.push_back(const_cast<char*>(each.c_str()));
    for (char** each = environ; *each != nullptr; ++each) p.environment.push_back(*each);
    p.environment.push_back(nullptr);
    const auto begin = clock::now();
    std::array<int, 2> until_exec{};
    if (::pipe2(until_exec.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) become(p, g);
    ::close(until_exec[1]);
    wait_for_end(until_exec[0]);
    if (child < 0) throw std::runtime_error("fork failed");

    outcome o;
    int state = 0;
    bool signalled = g.signal == 0;
    for (;;) {
        const pid_t ended = ::waitpid(child, &state, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR)) break;
        const auto now = clock::now();
        if (!signalled && now - begin >= g.signal_after) {
            signalled = true;
            ::kill(child, g.signal);
        }
        const bool is_over = o.hung || o.grew;
        if (!is_over && now - begin > g.patience) o.hung = true;
        o.peak_bytes = std::max(o.peak_bytes, peak_of(child));
        if (!is_over && o.peak_bytes > 2 * most_memory()) o.grew = true;
        if (!is_over && (o.hung || o.grew)) ::kill(child, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    o.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
    o.exit_code = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
    o.dumped_core = WIFSIGNALED(state) && WCOREDUMP(state);
    o.out = text_of(p.out);
    o.err = text_of(p.err);
    ::unlink(p.out.c_str());
    ::unlink(p.err.c_str());
    return o;
}

std::vector<outcome> run_together(const std::vector<std::function<outcome()>>& runs) {
    std::vector<std::future<outcome>> started;
    for (const auto& run : runs) started.push_back(std::async(std::launch::async, run));
    std::vector<outcome> all;
    for (auto& each : started) all.push_back(each.get());
    return all;
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
