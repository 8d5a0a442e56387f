// A project in memory, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include "fakes/world.h"
#include "flowlet/config.h"

namespace flowlet::config {

/// A world whose current folder is /project, with that flowlet.yaml in it. The first line of `text` is line 2 of the
/// file.
struct Project : fakes::World {
    explicit Project(const std::string& text) {
        folder = "/project";
        files["/project/flowlet.yaml"] = {"apiVersion: flowlet/v1\n" + text, 0644};
    }
};

inline Config load_text(const std::string& text, const std::string& environment = "") {
    return load(Project(text), {"", environment, {}});
}

template <typename Call>
Error error_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error(Kind::ok, "");
}

inline Error load_error(const std::string& text, const std::string& environment = "") {
    return error_of([&] { load_text(text, environment); });
}

}  // namespace flowlet::config
