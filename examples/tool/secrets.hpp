// SPDX-License-Identifier: BSL-1.0
// Passwords: where they come from, and where they must not be seen.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tool {

/// A text that may hold a connection URI, without the URI's password.
std::string without_password(std::string_view text);

/// Overwrites the passwords in the arguments themselves, so that the process list does not show them. Call it after
/// the arguments were copied, and as early as that allows.
void hide_passwords(int argc, char** argv);

/// A password from an environment variable; none when it is not set.
std::optional<std::string> password_from_environment(const char* variable);

} // namespace tool
