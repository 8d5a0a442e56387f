#include "kube/render_value.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "flowlet/base.h"

namespace flowlet::kube {

namespace {

std::string as_json(const nlohmann::json& value) {
    return printable(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

bool has_control(const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char byte) {
        const auto code = static_cast<unsigned char>(byte);
        return code < 0x20U || code == 0x7FU;
    });
}

bool is_plain(const std::string& text) {
    constexpr std::string_view special = " \"{[*";
    if (text.empty() || special.find(text.front()) != std::string_view::npos || text.back() == ' ') return false;
    return !has_control(text) && !nlohmann::json::accept(text);
}

}  // namespace

std::string render_value(const nlohmann::json& value) {
    if (!value.is_string()) return as_json(value);
    const auto& text = value.get_ref<const std::string&>();
    return is_plain(text) ? printable(text) : as_json(value);
}

}  // namespace flowlet::kube
