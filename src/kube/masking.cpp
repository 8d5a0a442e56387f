#include "kube/masking.h"

#include <nlohmann/json.hpp>

#include "kube/base64.h"

namespace flowlet::kube {

namespace {

std::string bytes_of(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string Masking::mask_data(const nlohmann::json& value) {
    const std::string written = bytes_of(value);
    return number(decode_base64(written).value_or(written));
}

std::string Masking::mask_string_data(const nlohmann::json& value) {
    return number(bytes_of(value));
}

std::string Masking::number(const std::string& bytes) {
    const std::size_t next = numbers_.size() + 1;
    return "***(" + std::to_string(numbers_.emplace(bytes, next).first->second) + ")";
}

}  // namespace flowlet::kube
