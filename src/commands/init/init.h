// init: the first flowlet.yaml of a project, for what its folder holds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flowlet/commands.h"

namespace flowlet::commands::init {

void declare(CLI::App& part, Invocation& invocation);

/// A program that developers run on their machine. All paths of the facts are relative to the project's folder.
struct Service {
    std::string folder;
    std::vector<std::string> command;  ///< empty: nothing in the folder says how it is started
    std::string env_file;              ///< relative to its folder; empty: none
};

/// A database that a compose file runs on a developer's machine. Never its password.
struct Database {
    std::string type;  ///< postgres or mysql
    std::string port;  ///< as published on this machine; empty: its usual one
    std::string user;
    std::string name;
    std::string from;  ///< the compose file
};

struct Facts {
    std::string root;                 ///< absolute
    std::string project;              ///< the folder's name made a name for everything: at most 50 of a-z, 0-9 and '-'
    std::string above;                ///< the flowlet.yaml of a folder above; empty: none
    std::vector<std::string> charts;  ///< the shallowest first
    std::map<std::string, std::string> values;  ///< environment → values file
    std::string manifests;                      ///< its folders are tiers
    std::string loose_manifests;                ///< one that flowletctl cannot apply as it is
    std::optional<Service> backend;
    std::optional<Service> frontend;
    std::optional<Database> database;
    std::string services;            ///< the section of the services, where it is known already
    std::vector<std::string> notes;  ///< what could not be looked at
};

/// Looks around, but not for long: a few levels deep, a few thousand names. Throws Error{precondition} if there is a
/// flowlet.yaml already, or no such folder.
Facts observe_project(const Session& session);

/// The file's text. config::load takes it, whatever the facts.
std::string render_file(const Facts& facts);

plan::Plan plan_file(const Facts& facts);

}  // namespace flowlet::commands::init
