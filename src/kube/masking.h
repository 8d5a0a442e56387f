// Values of Secrets as numbers: what is equal can be seen, what it is cannot.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace flowlet::kube {

/// Gives each different value a number in the order of asking.
class Masking {
public:
    /// "***(3)". A value of `data` is known by what its base64 says, so that it is equal to the one in `stringData`.
    std::string mask_data(const nlohmann::json& value);
    std::string mask_string_data(const nlohmann::json& value);

private:
    std::string number(const std::string& bytes);
    std::map<std::string, std::size_t> numbers_;
};

}  // namespace flowlet::kube
