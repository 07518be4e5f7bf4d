// SPDX-License-Identifier: BSL-1.0
// Passwords: where they come from, and where they must not be seen.
#pragma once

#include <rowferry/mysql/secret.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tool {

/// A text that may hold a connection URI, without the URI's password.
std::string without_password(std::string_view text);

/// Takes the passwords out of the URIs that follow --source and --target, in the arguments themselves: neither the process
/// list nor a copy of an argument holds one then. Call it before the arguments are read.
void take_passwords(int argc, char** argv);
/// Overwrites what is left: passwords in texts that are no URI, or that no option precedes. Call it after the arguments
/// were read.
void hide_passwords(int argc, char** argv);

/// The password that was taken out of this option's URI; none when it had none. Gives it once.
std::optional<rowferry::mysql::secret> taken_password(std::string_view option);

/// A password from an environment variable, which is overwritten and unset: neither /proc nor a child sees it any more.
/// None when it is not set.
std::optional<rowferry::mysql::secret> password_from_environment(const char* variable);

} // namespace tool
