#include "commands/setup/plan.h"

namespace flowlet::commands::setup {
namespace {

constexpr int created = 201;
constexpr std::uint32_t readable = 0644;

}  // namespace

plan::Step& Steps::add(const std::string& id, const std::string& what, plan::Action action) {
    plan_.steps.push_back({id, what, std::move(action), after_, {}, false});
    after_ = {id};
    return plan_.steps.back();
}

void Steps::change(plan::Op op, const std::string& object, const std::string& by) {
    plan_.changes.push_back({op, object, {}, by});
}

void add_file(Steps& steps, const std::string& name, const std::string& path, const std::string& content) {
    plan::Step& step = steps.add("write/" + name, "write " + name, plan::Write{path, content, readable});
    step.undo.push_back({"remove " + name, plan::Erase{path, content}, created});
}

void add_secret_file(Steps& steps, const std::string& name, const std::string& path, const std::string& content) {
    plan::Step& step = steps.add("write/" + name, "write " + name + ", for your eyes only",
                                 plan::Compose{path, [content] { return content; }});
    step.undo.push_back({"remove " + name, plan::Erase{path, content}, created});
}

plan::Transfer run_tool(host::Command command) {
    plan::Transfer transfer;
    transfer.flow.timeout = command.timeout;
    transfer.flow.idle = command.timeout;
    transfer.flow.stages = {std::move(command)};
    transfer.judge = [](const host::FlowEnd&) { return std::optional<plan::Cause>(); };
    return transfer;
}

void plan_packages(const Facts& facts, const Packages& packages, Steps& steps) {
    const std::string short_name = packages.into.substr(facts.root.size() + 1);
    const std::string& name = packages.name;
    const plan::Step::Undo clear{"remove " + short_name, plan::Clear{packages.into}};
    // While it is changed, nothing says that all is there.
    if (!packages.found.empty()) {
        steps.add(name + "/forget", "forget what was installed in " + short_name + " last",
                  plan::Erase{packages.record, packages.found});
    }
    if (!packages.there && !packages.make.empty()) {
        plan::Step& make = steps.add(name + "/make", "make " + short_name, run_tool(packages.make.front()));
        make.undo.push_back(clear);
    }
    plan::Step& install = steps.add(name + "/install", "install the " + name + " packages of " + packages.list,
                                    run_tool(packages.install));
    if (!packages.there && packages.make.empty()) install.undo.push_back(clear);
    plan::Step& record = steps.add(name + "/record", "record what is installed in " + short_name,
                                   plan::Write{packages.record, packages.wanted, readable});
    record.undo.push_back(
        {"forget what is installed in " + short_name, plan::Erase{packages.record, packages.wanted}, created});
    steps.change(packages.there ? plan::Op::update : plan::Op::create, short_name, packages.list);
}

}  // namespace flowlet::commands::setup
