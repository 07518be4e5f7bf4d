// SPDX-License-Identifier: BSL-1.0
// Child processes and folders that do not outlive the test, however it ends. Linux only.
#ifndef ROWFERRY_TESTS_CHILD_PROCESS_HPP
#define ROWFERRY_TESTS_CHILD_PROCESS_HPP

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// One child process; only its owner waits for it and signals it. It is killed with the thread that started it.
class child_process {
public:
    child_process() = default;
    /// Starts the command, found in PATH and the sbin folders; standard output and error are appended to the log file,
    /// standard input is empty.
    child_process(const std::vector<std::string>& command, const std::string& log) {
        const std::string program = find_program(command.front());
        std::vector<char*> arguments;
        for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        const pid_t parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
        if (pid_ > 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(127); // the parent was gone before the line above
        ::setpgid(0, 0);                         // Ctrl-C is for the test, which then ends its children
        const int input = ::open("/dev/null", O_RDONLY);
        const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (input < 0 || output < 0) ::_exit(127);
        ::dup2(input, 0);
        ::dup2(output, 1);
        ::dup2(output, 2);
        if (output > 2) ::close(output);
        if (input > 2) ::close(input);
        for (const int number : {SIGPIPE, SIGHUP}) std::signal(number, SIG_DFL); // nohup ignores the second
        ::execv(program.c_str(), arguments.data());
        ::_exit(127);
    }
    child_process(child_process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}
    child_process& operator=(child_process&& other) noexcept {
        if (this == &other) return *this;
        end(SIGKILL, std::chrono::seconds(30));
        pid_ = std::exchange(other.pid_, -1);
        status_ = other.status_;
        return *this;
    }
    ~child_process() { end(SIGKILL, std::chrono::seconds(30)); }

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool running() noexcept {
        if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) != 0) pid_ = -1;
        return pid_ > 0;
    }
    /// Sends a signal, if the process still runs.
    void signal(int number) noexcept {
        if (running()) ::kill(pid_, number);
    }
    /// Waits for its end; the exit code, or 128 and the number of the signal that killed it.
    int wait() noexcept {
        while (pid_ > 0 && ::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return exit_code();
    }
    /// Signals it and waits for its end; after `patience`, SIGKILL.
    int end(int number, std::chrono::milliseconds patience) noexcept {
        signal(number);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (running() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        if (running()) ::kill(pid_, SIGKILL);
        return wait();
    }

private:
    [[nodiscard]] int exit_code() const {
        return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
    }
    static std::string find_program(const std::string& name) {
        if (name.find('/') != std::string::npos) return name;
        const char* path = std::getenv("PATH");
        const std::string folders =
            std::string(path == nullptr ? "/usr/bin:/bin" : path) + ":/usr/sbin:/usr/local/sbin";
        for (std::size_t begin = 0; begin < folders.size();) {
            std::size_t end = folders.find(':', begin);
            if (end == std::string::npos) end = folders.size();
            std::string candidate = folders.substr(begin, end - begin) + "/" + name;
            if (end > begin && ::access(candidate.c_str(), X_OK) == 0) return candidate;
            begin = end + 1;
        }
        throw std::runtime_error(name + " is not installed");
    }

    pid_t pid_ = -1;
    int status_ = 0;
};

/// A folder of its own under $TMPDIR, or /tmp when that is missing or too long for a socket's path. A small process
/// that waits for the end of this one removes it, so that nothing is left behind by a crash either.
class temporary_folder {
public:
    temporary_folder() {
        constexpr std::size_t longest = 70; // a socket's path may have 107 bytes
        const char* wanted = std::getenv("TMPDIR");
        std::string base = wanted == nullptr || *wanted == '\0' ? "/tmp" : wanted;
        if (base.size() > longest) base = "/tmp";
        path_ = base + "/rowferry-test-XXXXXX";
        if (::mkdtemp(path_.data()) == nullptr) {
            throw std::runtime_error("cannot make a folder in " + base + ": " + std::strerror(errno));
        }
        guard();
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        if (lifeline_ < 0) return;
        ::close(lifeline_);
        while (::waitpid(guardian_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    // The guardian reads a pipe that nobody writes: the read ends when this process does, or closes the pipe.
    void guard() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
        guardian_ = ::fork();
        if (guardian_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
        if (guardian_ == 0) {
            ::setsid(); // out of reach of Ctrl-C
            ::dup2(ends[0], 0);
            ::execl("/bin/sh", "sh", "-c",
                    "cat > /dev/null; for i in 1 2 3 4 5; do rm -rf -- \"$1\" && exit; sleep 1; done", "sh",
                    path_.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(ends[0]);
        lifeline_ = ends[1];
    }

    std::string path_;
    pid_t guardian_ = -1;
    int lifeline_ = -1;
};

} // namespace support

#endif
