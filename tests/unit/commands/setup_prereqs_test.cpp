#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "commands/setup/prereqs.h"
#include "unit/commands/setup_world.h"

namespace flowlet::commands::setup {
namespace {

/// A machine with everything.
struct Machine : Workshop {
    Machine() {
        said("pg_dump", "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)");
        said("age", "1.1.1");
        said("kubectl", "Client Version: v1.32.4\nKustomize Version: v5.5.0");
        said("helm", "v3.19.4+g7877b45");
        said("docker", "Docker version 28.2.2, build e6534b4");
        program("apt-get", host::Exit{});
        files["/proc/meminfo"] = {"MemTotal:       24683432 kB\n", 0444};
        files["/proc/cpuinfo"] = {"processor\t: 0\nprocessor\t: 1\nprocessor\t: 2\nprocessor\t: 3\n", 0444};
    }
    Prerequisites found() { return observe_prerequisites(session(), Sudo::no); }
};

Program& find(Prerequisites& found, const std::string& name) {
    for (Program& program : found.programs) {
        if (program.wanted->name == name) return program;
    }
    throw std::logic_error("no program " + name);
}

void remove(Prerequisites& found, const std::string& name) {
    Program& program = find(found, name);
    program.state = Program::State::missing;
    program.path.clear();
    program.trouble = name + " is not in PATH";
    program.hint = "get it";
    program.in_debian = !program.wanted->package.empty();
    program.to_own = program.wanted->own != Requirement::Own::none;
}

TEST(SetupPrereqs, a_machine_with_everything_is_a_view_without_a_complaint) {
    Machine machine;
    const plan::View view = std::get<plan::View>(answer_prerequisites(machine.found()));
    EXPECT_EQ(view.verdict, Kind::ok);
    EXPECT_TRUE(view.notes.empty());
    for (const auto& row : view.rows)
        EXPECT_EQ(row[0], "ok") << row[1] << ": " << row[2];
    EXPECT_EQ(view.document->at("kind"), "Prerequisites");
}

TEST(SetupPrereqs, versions_are_found_in_what_programs_say) {
    Machine machine;
    Prerequisites found = machine.found();
    EXPECT_EQ(find(found, "kubectl").version, (Version{1, 32, 4}));
    EXPECT_EQ(find(found, "helm").version, (Version{3, 19, 4}));
    EXPECT_EQ(find(found, "docker").version, (Version{28, 2, 2}));
    EXPECT_EQ(find(found, "pg_dump").version, (Version{15, 18, 0}));
    EXPECT_EQ(find(found, "ensurepip").version, (Version{23, 0, 1}));
}

TEST(SetupPrereqs, a_missing_optional_program_is_a_warning_only) {
    Machine machine;
    Prerequisites found = machine.found();
    remove(found, "docker");
    const plan::View view = std::get<plan::View>(answer_prerequisites(found));
    EXPECT_EQ(view.verdict, Kind::ok);
    EXPECT_EQ(view.notes, std::vector<std::string>{"docker: get it"});
}

TEST(SetupPrereqs, too_old_is_missing_and_never_installed_over) {
    Machine machine;
    machine.said("node", "v16.20.0");
    Prerequisites found = machine.found();
    found.root = true;
    const plan::View view = std::get<plan::View>(answer_prerequisites(found));
    EXPECT_EQ(view.verdict, Kind::tool_missing);
}

TEST(SetupPrereqs, who_is_not_root_is_shown_the_line_to_type) {
    Machine machine;
    Prerequisites found = machine.found();
    remove(found, "age");
    remove(found, "psql");
    remove(found, "pg_dump");
    const plan::View view = std::get<plan::View>(answer_prerequisites(found));
    EXPECT_EQ(view.verdict, Kind::tool_missing);
    EXPECT_EQ(view.document->at("install"), "sudo apt-get install --yes --no-install-recommends postgresql-client age");
}

TEST(SetupPrereqs, root_has_what_is_missing_installed_once_and_asked_for_its_version) {
    Machine machine;
    Prerequisites found = machine.found();
    found.root = true;
    remove(found, "age");
    remove(found, "psql");
    remove(found, "pg_dump");
    remove(found, "helm");
    const plan::Plan plan = std::get<plan::Plan>(answer_prerequisites(found));
    plan::check(plan);
    std::vector<std::string> ids;
    for (const plan::Step& step : plan.steps)
        ids.push_back(step.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"apt/update", "apt/install", "ask/psql", "ask/pg_dump", "ask/age"}));
    EXPECT_EQ(plan::render(plan.steps[1].action),
              "apt-get install --yes --no-install-recommends postgresql-client age");
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_EQ(plan.findings.front().object, "helm");
    const auto& judge = std::get<plan::Transfer>(plan.steps[4].action).judge;
    host::FlowEnd end;
    end.measured["said"].tail = "1.0.0\n";
    EXPECT_TRUE(judge(end));
    end.measured["said"].tail = "1.1.1\n";
    EXPECT_FALSE(judge(end));
}

std::vector<std::string> lines_of(const plan::Plan& plan) {
    std::vector<std::string> lines;
    for (const plan::Step& step : plan.steps)
        lines.push_back(plan::render(step.action));
    return lines;
}

TEST(SetupPrereqs, what_debian_has_not_goes_into_a_folder_of_its_own) {
    Machine machine;
    machine.put("web-frontend/pnpm-lock.yaml", "");
    machine.put("backend/uv.lock", "");
    machine.variables["GOPROXY"] = "https://ana:s3cret@proxy.internal";
    machine.program("go", host::Exit{});
    Prerequisites found = machine.found();
    remove(found, "helm");
    const auto plan = std::get<plan::Plan>(answer_prerequisites(found));
    plan::check(plan);
    EXPECT_EQ(lines_of(plan),
              (std::vector<std::string>{
                  "go install helm.sh/helm/v3/cmd/helm@v3.18.6", "helm version --short",
                  "npm install --global --prefix /home/tester/tools --no-audit --no-fund --ignore-scripts pnpm@9.15.9",
                  "pnpm --version", "python3 -m venv /home/tester/tools/python",
                  "python -m pip install --no-input --quiet --disable-pip-version-check uv==0.8.17", "uv --version"}));
    const auto& command = std::get<host::Command>(std::get<plan::Transfer>(plan.steps[0].action).flow.stages.front());
    EXPECT_EQ(command.env.at("GOBIN"), "/home/tester/tools/bin");
    EXPECT_EQ(command.env.at("GOPROXY"), "https://ana:s3cret@proxy.internal");
    EXPECT_EQ(machine.scrubber.scrub("s3cret"), "***");
    EXPECT_EQ(plan.result().verdict, Kind::ok);
}

TEST(SetupPrereqs, what_nobody_can_install_is_missing_still_in_the_end) {
    Machine machine;
    machine.program("go", host::Exit{});
    Prerequisites found = machine.found();
    remove(found, "helm");
    remove(found, "kubectl");
    const auto plan = std::get<plan::Plan>(answer_prerequisites(found));
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_EQ(plan.findings.front().object, "kubectl");
    EXPECT_EQ(plan.result().verdict, Kind::tool_missing);
    EXPECT_EQ(plan.result().text, "kubectl still missing");
}

TEST(SetupPrereqs, sudo_is_used_only_if_asked_for_and_never_asks_itself) {
    Machine machine;
    machine.program("sudo", host::Exit{});
    Prerequisites found = machine.found();
    EXPECT_EQ(found.sudo, "");
    found = observe_prerequisites(machine.session(), Sudo::yes);
    remove(found, "age");
    found.go.clear();
    const auto plan = std::get<plan::Plan>(answer_prerequisites(found));
    EXPECT_EQ(lines_of(plan).at(1),
              "sudo -n DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get install --yes --no-install-recommends age");
    const auto& command = std::get<host::Command>(std::get<plan::Transfer>(plan.steps[1].action).flow.stages.front());
    EXPECT_EQ(command.rights, host::Command::Rights::may_gain);
}

TEST(SetupPrereqs, a_sudo_that_wants_a_password_is_told_before_anything_is_done) {
    Machine machine;
    host::Exit refusal;
    refusal.code = 1;
    refusal.err = "sudo: a password is required\n";
    machine.program("sudo", refusal);
    try {
        observe_prerequisites(machine.session(), Sudo::yes);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::denied);
        EXPECT_STREQ(error.what(), "--sudo: sudo: a password is required");
        EXPECT_EQ(error.hint(), "sudo -v, then this once more in the same terminal");
    }
}

TEST(SetupPrereqs, npm_is_not_needed_where_another_manager_is_there) {
    Machine machine;
    machine.put("web-frontend/yarn.lock", "");
    machine.said("yarn", "1.22.22");
    const Prerequisites found = machine.found();
    for (const Program& program : found.programs)
        EXPECT_NE(program.wanted->name, "npm");
}

TEST(SetupPrereqs, a_small_machine_is_told_and_may_go_on) {
    Machine machine;
    machine.files["/proc/cpuinfo"] = {"processor\t: 0\n", 0444};
    machine.files["/proc/meminfo"] = {"MemTotal:       4045012 kB\n", 0444};
    machine.space = std::uint64_t{3} << 30U;
    const plan::View view = std::get<plan::View>(answer_prerequisites(machine.found()));
    EXPECT_EQ(view.verdict, Kind::ok);
    EXPECT_EQ(view.notes.size(), 3U);
}

TEST(SetupPrereqs, a_cluster_is_measured) {
    Machine machine;
    const std::map<std::string, std::string> answers = {
        {"/api/v1/nodes",
         R"({"items": [{"status": {"allocatable": {"cpu": "3500m", "memory": "16Gi"}}},
                       {"status": {"allocatable": {"cpu": "16", "memory": "17825792Ki"}}}]})"},
        {"/apis/storage.k8s.io/v1/storageclasses",
         R"({"items": [{"metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}]})"},
    };
    machine.server = [&](const host::Request& request) {
        const auto found = answers.find(request.path);
        return found == answers.end() ? host::Response{404, "{}"} : host::Response{200, found->second};
    };
    const std::vector<Measured> all = measure_cluster(machine.session(), Cluster());
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0].found, "19");
    EXPECT_EQ(all[1].found, "33 GiB");
    EXPECT_EQ(all[2].found, "1, default fast");
    EXPECT_EQ(all[3].verdict, Measured::Verdict::warning);
    EXPECT_EQ(all[0].verdict, Measured::Verdict::ok);
}

TEST(SetupPrereqs, a_cluster_that_does_not_answer_has_its_own_verdict) {
    Machine machine;
    Prerequisites found = machine.found();
    found.cluster = Error(Kind::precondition, "it does not answer", "check the VPN");
    found.measured.push_back(
        {"cluster here", "it does not answer", "1.24.0", Measured::Verdict::error, "check the VPN"});
    EXPECT_EQ(std::get<plan::View>(answer_prerequisites(found)).verdict, Kind::precondition);
}

}  // namespace
}  // namespace flowlet::commands::setup
