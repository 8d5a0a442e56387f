// Answers of a Kubernetes 1.34 API server after `flowletctl` and others had written them; live_objects.json has one a
// line.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace flowlet::kube {

inline nlohmann::json live_objects() {
    std::ifstream file("tests/unit/kube/live_objects.json");
    return nlohmann::json::parse(file);
}

inline nlohmann::json live_object(const std::string& kind) {
    for (const auto& object : live_objects()) {
        if (object.at("kind") == kind) return object;
    }
    ADD_FAILURE() << "live_objects.json has no " << kind;
    return {};
}

}  // namespace flowlet::kube
