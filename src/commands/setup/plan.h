// The steps of a setup, as they are put together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands/setup/setup.h"

namespace flowlet::commands::setup {

class Steps {
public:
    explicit Steps(plan::Plan& plan) : plan_(plan) {}
    /// After the last step of the same line, or of `begin`.
    plan::Step& add(const std::string& id, const std::string& what, plan::Action action);
    /// What is added next begins when all of these are done.
    void begin(std::vector<std::string> after) { after_ = std::move(after); }
    /// The ids that the next step waits for.
    [[nodiscard]] const std::vector<std::string>& end() const { return after_; }
    void change(plan::Op op, const std::string& object, const std::string& by);

private:
    plan::Plan& plan_;
    std::vector<std::string> after_;
};

/// A new file, taken back as long as it is as it was written.
void add_file(Steps& steps, const std::string& name, const std::string& path, const std::string& content);
/// A new file that only its owner may read, whose text is in no rendering and no digest.
void add_secret_file(Steps& steps, const std::string& name, const std::string& path, const std::string& content);
/// A program that fails as a tool does.
plan::Transfer run_tool(host::Command command);

void plan_packages(const Facts& facts, const Packages& packages, Steps& steps);
/// From nothing, or from a server that stands still, to one that answers and knows the backend.
void plan_server(const Facts& facts, Steps& steps);

}  // namespace flowlet::commands::setup
