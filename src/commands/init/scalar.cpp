#include "commands/init/scalar.h"

#include <nlohmann/json.hpp>

#include "flowlet/base.h"
#include "flowlet/yaml.h"

namespace flowlet::commands::init {

std::string render_scalar(const std::string& text) {
    std::string doubled;
    for (const char c : text)
        doubled += c == '$' ? "$$" : std::string(1, c);
    std::string written = yaml::render(doubled);
    written.pop_back();
    return written;
}

std::string render_list(const std::vector<std::string>& items) {
    std::vector<std::string> written;
    written.reserve(items.size());
    for (const std::string& item : items)
        written.push_back(render_scalar(item));
    return "[" + join(written, ", ") + "]";
}

}  // namespace flowlet::commands::init
