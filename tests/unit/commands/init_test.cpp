#include "commands/init/init.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "fakes/world.h"
#include "flowlet/config.h"

namespace flowlet::commands::init {
namespace {

/// A project in /srv/shop; some of its folders may be closed.
struct Project : fakes::World {
    explicit Project(std::string at = "/srv/shop") : root(std::move(at)) {
        folder = root;
        folders.insert({"/srv", root});
    }
    void file(const std::string& path, std::string bytes = "") { files[root + "/" + path] = {std::move(bytes), 0644}; }
    [[nodiscard]] std::vector<std::string> list_folder(const std::string& path) const override {
        if (path == closed) throw Error(Kind::precondition, "cannot list " + path + ": Permission denied");
        return World::list_folder(path);
    }
    Facts facts(const std::string& given = "") {
        return observe_project({*this, nullptr, "", "", "", nullptr, {given, "", {}}});
    }
    plan::Plan plan() { return plan_file(facts()); }

    std::string root;
    std::string closed;
};

/// Writes the file into the world and reads it as every other command would, in each of its environments.
void expect_valid(Project& project, const std::string& text) {
    fakes::World world;
    world.folder = "/home/tester";
    world.files["/home/tester/flowlet.yaml"] = {text, 0644};
    const config::Config all = config::load(world, {});
    EXPECT_EQ(all.environments(), (std::vector<std::string>{"development", "staging", "production"}));
    for (const std::string& name : all.environments()) {
        try {
            const config::Config config = config::load(world, {"", name, {}});
            EXPECT_EQ(config.boolean("environments." + name + ".protected"), name == "production");
        } catch (const Error& error) {
            ADD_FAILURE() << project.root << "\n" << error.what() << "\n" << text;
        }
    }
}

TEST(Init, an_empty_folder_gives_a_file_of_examples) {
    Project project;
    const Facts facts = project.facts();
    EXPECT_EQ(facts.project, "shop");
    const std::string text = render_file(facts);
    for (const char* const example : {"\n# deploy:\n", "\n# databases:\n", "\n# services:\n",
                                      "\n# audit: ", "    # values: ", "    # kube: {context: staging}"}) {
        EXPECT_NE(text.find(example), std::string::npos) << example << "\n" << text;
    }
    expect_valid(project, text);
}

/// What there is to be found, all of it.
void fill(Project& project) {
    project.file("infrastructure/helm/shop/Chart.yaml");
    project.file("infrastructure/helm/shop/values.yaml");
    project.file("infrastructure/helm/shop/values-prod.yaml");
    project.file("infrastructure/helm/shop/values-dev.yaml");
    project.file("infrastructure/helm/values/stage.yml");
    project.file("infrastructure/kubernetes/10-data/db.yaml");
    project.file("code/backend/run_server.py");
    project.file("code/backend/.env");
    project.file("code/web-frontend/package.json", R"({"scripts": {"start": "react-scripts start"}})");
    project.file("docker-compose.yml",
                 "services:\n  db:\n    image: postgres:15\n    ports: ['127.0.0.1:5433:5432']\n"
                 "    environment: {POSTGRES_USER: ana, POSTGRES_DB: '${DB}', POSTGRES_PASSWORD: planted-secret}\n");
}

TEST(Init, what_is_found_stands_as_keys) {
    Project project;
    fill(project);
    const std::string text = render_file(project.facts());
    EXPECT_EQ(
        text.substr(text.find("# --env NAME")),
        R"(# --env NAME chooses one. An environment may set again any key of this file, and inherit from another one.
environments:
  development:
    # kube: {context: development}    # a context of your kubeconfig: kubectl config get-contexts
    namespace: shop-development
    values: [infrastructure/helm/shop/values-dev.yaml]
    databases:
      primary:                        # as docker-compose.yml runs it
        type: postgres
        host: 127.0.0.1
        port: 5433
        user: ana
        name: shop
        # password: ${file:/run/secrets/shop-db-password}

  staging:
    # kube: {context: staging}    # a context of your kubeconfig: kubectl config get-contexts
    namespace: shop-staging
    values: [infrastructure/helm/values/stage.yml]

  production:
    protected: true                   # changes here ask for more care
    # kube: {context: production}    # a context of your kubeconfig: kubectl config get-contexts
    namespace: shop-production
    values: [infrastructure/helm/shop/values-prod.yaml]

# flowletctl deploy: first the folders in `manifests`, in the order of their names, then the chart.
deploy:
  manifests: infrastructure/kubernetes
  chart: infrastructure/helm/shop
  # timeout: 10m    # how long the workloads may take to become ready

# databases:
#   primary:
#     type: postgres                  # or mysql
#     host: db.internal
#     port: 5432
#     user: shop
#     name: shop
#     # Never the password itself: a file that only the operator can read, opened when it is needed.
#     password: ${file:/run/secrets/shop-db-password}

# The programs that developers run on their machine.
services:
  backend:
    command: [python3, run_server.py]
    dir: code/backend
    env_file: ".env"
    # ready: {http: "http://127.0.0.1:5000/health"}    # answers 2xx once it is ready
  frontend:
    command: [npm, run, start]
    dir: code/web-frontend
    # env_file: .env    # NAME=value lines, relative to its folder
    after: [backend]
    # ready: {tcp: "3000"}    # a port that accepts once it is ready

# Who did what. Without `dir` it is kept in the user's own folder, ~/.local/state/flowletctl/audit.
# audit: {dir: /var/log/flowletctl}
)");
    EXPECT_EQ(text.find("planted-secret"), std::string::npos);
    expect_valid(project, text);
}

TEST(Init, the_plan_writes_one_file_and_takes_it_back_only_if_it_wrote_it) {
    Project project;
    fill(project);
    const plan::Plan plan = project.plan();
    EXPECT_EQ(plan.effect, plan::Effect::files);
    ASSERT_EQ(plan.steps.size(), 1U);
    const auto& write = std::get<plan::Write>(plan.steps[0].action);
    EXPECT_EQ(write.path, "/srv/shop/flowlet.yaml");
    EXPECT_EQ(write.mode & 022U, 0U);
    ASSERT_EQ(plan.steps[0].undo.size(), 1U);
    EXPECT_EQ(plan.steps[0].undo[0].after_status, 201);
    ASSERT_EQ(plan.changes.size(), 1U);
    EXPECT_EQ(nlohmann::json::parse(plan.changes[0].fields.at(0).after), write.content);
    plan::check(plan);
}

TEST(Init, a_file_that_is_there_is_left_as_it_is_even_if_it_is_broken) {
    Project project;
    project.file("flowlet.yaml", "a: [");
    try {
        project.facts();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::precondition);
        EXPECT_NE(std::string(error.what()).find("/srv/shop/flowlet.yaml"), std::string::npos);
        EXPECT_NE(error.hint().find("config validate"), std::string::npos);
    }
}

TEST(Init, a_file_in_a_folder_above_is_a_warning) {
    Project project;
    project.files["/srv/flowlet.yaml"] = {"", 0644};
    const plan::Plan plan = project.plan();
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_EQ(plan.findings[0].severity, plan::Finding::Severity::warning);
    EXPECT_NE(plan.findings[0].message.find("/srv/flowlet.yaml"), std::string::npos);
}

TEST(Init, the_given_folder_counts) {
    Project project;
    project.folders.insert({"/srv/other", "/srv/shop/../other"});
    EXPECT_EQ(project.facts("/srv/other/").root, "/srv/other");
    EXPECT_EQ(project.facts("../other").project, "other");
    EXPECT_THROW(project.facts("/nowhere"), Error);
}

TEST(Init, a_folders_name_becomes_a_name_for_everything) {
    const std::string long_name(80, 'a');
    for (const auto& [name, wanted] : std::map<std::string, std::string>{{"My Shop (2)", "my-shop-2"},
                                                                         {"Ünïcode", "n-code"},
                                                                         {"магазин", "project"},
                                                                         {"--", "project"},
                                                                         {"2026", "2026"},
                                                                         {"a.b_c", "a-b-c"},
                                                                         {long_name, long_name.substr(0, 50)}}) {
        Project project("/srv/" + name);
        const Facts facts = project.facts();
        EXPECT_EQ(facts.project, wanted);
        expect_valid(project, render_file(facts));
    }
}

TEST(Init, a_folder_that_cannot_be_read_is_said) {
    Project project;
    fill(project);
    project.file("secret/x");
    project.closed = "/srv/shop/secret";
    const plan::Plan plan = project.plan();
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_EQ(plan.findings[0].severity, plan::Finding::Severity::note);
    EXPECT_NE(plan.findings[0].message.find("Permission denied"), std::string::npos);
}

TEST(Init, a_tree_that_is_too_large_is_not_searched_to_its_end) {
    Project project;
    for (int i = 0; i < 5000; ++i)
        project.file("a" + std::to_string(i));
    project.file("charts/shop/Chart.yaml");
    const plan::Plan plan = project.plan();
    EXPECT_EQ(project.facts().charts, std::vector<std::string>{"charts/shop"});
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_NE(plan.findings[0].message.find("4000"), std::string::npos);
}

TEST(Init, charts_within_a_chart_and_what_tools_fetched_are_no_charts) {
    Project project;
    project.file("Chart.yaml");
    project.file("charts/inner/Chart.yaml");
    project.file("node_modules/x/Chart.yaml");
    project.file(".git/Chart.yaml");
    project.file("a/b/c/d/Chart.yaml");
    const Facts facts = project.facts();
    EXPECT_EQ(facts.charts, std::vector<std::string>{"."});
}

TEST(Init, manifests_that_cannot_be_applied_folder_by_folder_are_an_example) {
    for (const char* const path : {"k8s/all.yaml", "k8s/base/kustomization.yaml"}) {
        Project project;
        project.file(path);
        const Facts facts = project.facts();
        EXPECT_EQ(facts.manifests, "");
        EXPECT_EQ(facts.loose_manifests, "k8s");
        expect_valid(project, render_file(facts));
    }
}

TEST(Init, a_broken_compose_file_or_package_is_a_note) {
    Project project;
    project.file("compose.yaml", "services: [");
    project.file("web-frontend/package.json", "{");
    const Facts facts = project.facts();
    EXPECT_EQ(facts.notes.size(), 2U);
    EXPECT_TRUE(facts.frontend && facts.frontend->command.empty());
    expect_valid(project, render_file(facts));
}

TEST(Init, the_lock_file_names_the_tool) {
    Project project;
    project.file("web-frontend/package.json", R"({"scripts": {"dev": "vite", "start": "x"}})");
    project.file("web-frontend/pnpm-lock.yaml");
    EXPECT_EQ(project.facts().frontend->command, (std::vector<std::string>{"pnpm", "run", "dev"}));
}

/// Names that YAML, the configuration or a terminal would take for something else.
const std::vector<std::string> odd_names = {
    "a",        "with space", "${HOME}", "$x",      "a: b", "#c",     "- d",       "'q'",   "\"dq\"",
    "yes",      "null",       "0644",    "é ü",     "[x]",  "{y: z}", "new\nline", "tab\t", "\x1b[1m",
    "\xff\xfe", "trail ",     "*",       "&anchor", "%TAG", "a,b",    "1e3",       "~",     "back\\slash"};

std::string any_of(const std::vector<std::string>& words, std::mt19937& random) {
    return words[random() % words.size()];
}

void fill_somehow(Project& project, std::mt19937& random) {
    const std::vector<std::string> folders = {"",        "charts/", "helm/", "code/", "infrastructure/helm/",
                                              "deploy/", "k8s/"};
    const std::vector<std::string> files = {"Chart.yaml",         "values-dev.yaml",    "prod.values.yml",
                                            "10-x/y.yaml",        "docker-compose.yml", "base/kustomization.yaml",
                                            "values/staging.yaml"};
    for (auto i = random() % 8; i > 0; --i) {
        const bool odd = random() % 2 == 0;
        project.file(any_of(folders, random) + (odd ? any_of(odd_names, random) + "/" : "") + any_of(files, random));
    }
    const std::vector<std::string> programs = {"backend/", "code/backend/", "web-frontend/", "code/web-frontend/"};
    const std::vector<std::string> parts = {"run_server.py", "app.py",    "wsgi.py", ".env",
                                            ".env.local",    "yarn.lock", "x"};
    const std::vector<std::string> packages = {
        "", "{", "[]", "null", R"({"scripts": {"dev": 1}})", R"({"scripts": {"start": "x"}})", R"({"scripts": []})"};
    for (auto i = random() % 6; i > 0; --i)
        project.file(any_of(programs, random) + any_of(parts, random));
    if (random() % 2 == 0) project.file(any_of(programs, random) + "package.json", any_of(packages, random));
    const std::string word = any_of(odd_names, random);
    if (random() % 3 == 0) {
        project.file(
            "docker-compose." + any_of({"yml", "yaml", "dev.yml"}, random),
            "services:\n  x:\n    image: " + any_of({"postgres", "a/mysql:8", "mariadb@sha256:1", "x"}, random) +
                "\n    ports: [" + any_of({"'1:2'", "99999:1", "'0:1'", "'a:b'", "':'", "5432"}, random) +
                "]\n    environment:\n      - POSTGRES_USER=" + word + "\n      - MYSQL_DATABASE=" + word + "\n");
    }
}

TEST(Init, whatever_the_folder_holds_the_file_can_be_used_right_away) {
    std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same projects each time
    for (int i = 0; i < 400; ++i) {
        Project project("/srv/" + any_of(odd_names, random));
        fill_somehow(project, random);
        const plan::Plan plan = project.plan();
        expect_valid(project, std::get<plan::Write>(plan.steps.at(0).action).content);
        EXPECT_EQ(printable(plan.title), plan.title);
    }
}

}  // namespace
}  // namespace flowlet::commands::init
