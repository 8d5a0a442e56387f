// The one call of yaml-cpp's parser. Apart from the tree, for clang-tidy takes its Node for ours where it sees both.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace YAML {
class EventHandler;
}

namespace flowlet::yaml {

/// What yaml-cpp did not understand, and where.
struct Broken {
    std::size_t offset = 0;
    std::string message;
};

/// Sends the events of every document of a text. What the receiver throws is passed on.
std::optional<Broken> send_events(const std::string& text, YAML::EventHandler& receiver);

}  // namespace flowlet::yaml
