// The grammar of the names in a manifest.
#pragma once

#include <string>
#include <string_view>

namespace flowlet::kube {

/// "v1" or "group/version".
bool is_api_version(std::string_view text);

bool is_kind(std::string_view text);

/// Why an object of that kind cannot have that name, as the end of a sentence that starts with the name; "" if it can.
std::string wrong_name(std::string_view api_version, std::string_view kind, std::string_view name);

/// Text that a person or a template was to replace: "<CHANGE_ME>", "${NAME}", "$(NAME)", "{{ .Values.name }}",
/// "%NAME%",
/// "@NAME@".
bool is_left_over(std::string_view text);

}  // namespace flowlet::kube
