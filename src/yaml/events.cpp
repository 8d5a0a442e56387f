#include "yaml/events.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

namespace flowlet::yaml {

std::optional<Broken> send_events(const std::string& text, YAML::EventHandler& receiver) {
    std::istringstream input(text);
    try {
        YAML::Parser parser(input);
        while (parser.HandleNextDocument(receiver)) {
        }
    } catch (const YAML::Exception& error) {
        return Broken{error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos), error.msg};
    }
    return std::nullopt;
}

}  // namespace flowlet::yaml
