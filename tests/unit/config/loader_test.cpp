#include "flowlet_file.h"

#include <fstream>
#include <sstream>

namespace flowlet::config {
namespace {

TEST(Loader, fallbacks_are_there_and_say_so) {
    const Config config = load_text("");
    EXPECT_EQ(config.duration("deploy.timeout"), Millis(600000));
    EXPECT_EQ(config.integer("deploy.history_max"), 20);
    EXPECT_EQ(config.find("deploy.timeout")->layer, Layer::fallback);
    EXPECT_EQ(config.find("audit.dir"), nullptr);
}

TEST(Loader, of_a_file_that_is_wrong_the_root_and_the_defaults_are_known) {
    for (const std::string text : {"deploy: [", "nonsense: 1\n", "deploy: {timeout: soon}\n"}) {
        const Project world(text);
        const Config config = load_root(world, {});
        ASSERT_TRUE(config.broken()) << text;
        EXPECT_NE(std::string(config.broken()->what()).find("flowlet.yaml:2:"), std::string::npos);
        EXPECT_EQ(config.root(), "/project");
        EXPECT_EQ(config.file(), "/project/flowlet.yaml");
        EXPECT_EQ(config.integer("deploy.history_max"), 20);
        EXPECT_TRUE(config.children("services").empty());
    }
    EXPECT_FALSE(load_root(Project("deploy: {history_max: 3}\n"), {}).broken());
    fakes::World nowhere;
    EXPECT_EQ(error_of([&] { load_root(nowhere, {}); }).kind(), Kind::precondition);
}

TEST(Loader, the_release_is_named_like_the_project) {
    EXPECT_EQ(load_text("project: shop\n").text("release"), "shop");
    EXPECT_EQ(load_text("project: shop\n").find("release")->layer, Layer::fallback);
    EXPECT_EQ(load_text("project: shop\nrelease: web\n").text("release"), "web");
    EXPECT_EQ(load_text("project: My Shop\nrelease: web\n").text("project"), "My Shop");
    EXPECT_STREQ(load_error("project: My Shop\n").what(),
                 "flowlet.yaml:2:10: project: \"My Shop\" cannot be the name of the release too");
}

TEST(Loader, a_value_knows_where_it_was_written) {
    const Config config = load_text("deploy:\n  chart: charts/x\n");
    EXPECT_EQ(config.find("deploy.chart")->place, (Place{"flowlet.yaml", 3, 10}));
    EXPECT_EQ(config.find("deploy.chart")->layer, Layer::file);
}

TEST(Loader, all_that_is_wrong_is_said_at_once_in_the_order_of_places) {
    Project world(
        "databases:\n"
        "  primary: {prot: 5432, port: high, type: oracle}\n"
        "deploy:\n"
        "  timeout: 10\n"
        "  chart: [a]\n"
        "  tiers: one\n"
        "kube: staging\n"
        "colour: red\n"
        "namespace: {}\n"
        "values: [a, [b], {c: d}]\n"
        "environments: {a: {inherits: nowhere}}\n");
    world.variables["FLOWLET_NOTHING"] = "x";
    const Error error = error_of([&] { load(world, {}); });
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_STREQ(error.what(),
                 "flowlet.yaml:3:13: databases.primary.prot: unknown key; did you mean databases.primary.port?\n"
                 "flowlet.yaml:3:31: databases.primary.port: \"high\" is no whole number\n"
                 "flowlet.yaml:3:43: databases.primary.type: \"oracle\" is not one of postgres, mysql\n"
                 "flowlet.yaml:5:12: deploy.timeout: \"10\" is no duration; write a number with its unit, such as 90s, "
                 "10m or 1h30m\n"
                 "flowlet.yaml:6:10: deploy.chart: is a list; a single value is expected\n"
                 "flowlet.yaml:7:10: deploy.tiers: is text; a list is expected, such as [a, b]\n"
                 "flowlet.yaml:8:7: kube: is text; a map of further keys is expected\n"
                 "flowlet.yaml:9:1: colour: unknown key\n"
                 "flowlet.yaml:10:12: namespace: is a map; a single value is expected\n"
                 "flowlet.yaml:11:13: values: an item is a list; a single value is expected\n"
                 "flowlet.yaml:11:18: values: an item is a map; a single value is expected\n"
                 "flowlet.yaml:12:30: environments.a.inherits: there is no environment \"nowhere\"\n"
                 "FLOWLET_NOTHING: stands for no key");
}

TEST(Loader, the_version_must_be_there_and_known) {
    fakes::World world;
    world.files["/home/tester/flowlet.yaml"] = {"project: x\n", 0644};
    const Error missing = error_of([&] { load(world, {}); });
    EXPECT_STREQ(missing.what(), "flowlet.yaml:1:1: apiVersion is missing");
    EXPECT_EQ(missing.hint(), "begin the file with: apiVersion: flowlet/v1");
    world.files["/home/tester/flowlet.yaml"] = {"apiVersion: flowlet/v2\n", 0644};
    EXPECT_STREQ(
        error_of([&] { load(world, {}); }).what(),
        "flowlet.yaml:1:13: apiVersion: \"flowlet/v2\" cannot be read by this program, which reads flowlet/v1");
    world.files["/home/tester/flowlet.yaml"] = {"", 0644};
    EXPECT_STREQ(error_of([&] { load(world, {}); }).what(), "flowlet.yaml:1:1: apiVersion is missing");
}

TEST(Loader, broken_files_are_refused_with_their_place) {
    for (const char* const text : {"a: [\n", "project: x\nproject: y\n", "---\na: 1\n", "deploy:\n\tchart: x\n"}) {
        const Error error = load_error(text);
        EXPECT_EQ(error.kind(), Kind::config) << text;
        EXPECT_TRUE(std::string(error.what()).starts_with("flowlet.yaml:")) << error.what();
    }
    fakes::World world;
    world.files["/home/tester/flowlet.yaml"] = {"[a]\n", 0644};
    EXPECT_EQ(error_of([&] { load(world, {}); }).kind(), Kind::config);
    world.files["/home/tester/flowlet.yaml"] = {"#" + std::string(std::size_t{2} << 20U, 'x'), 0644};
    EXPECT_EQ(error_of([&] { load(world, {}); }).kind(), Kind::config);
}

TEST(Loader, old_booleans_are_refused) {
    EXPECT_EQ(load_error("environments: {a: {protected: yes}}\n").kind(), Kind::config);
    EXPECT_EQ(load_error("environments: {a: {protected: maybe}}\n").kind(), Kind::config);
}

TEST(Loader, variables_are_put_in_wherever_a_text_stands) {
    Project world(
        "namespace: flowlet-${WHO}\n"
        "values: [\"${WHO}.yaml\"]\n"
        "databases: {primary: {port: \"${PORT:-5432}\", password: \"${WHO}\"}}\n"
        "monitor: {health: [{http: \"https://${WHO}/health\"}]}\n");
    world.variables["WHO"] = "ada";
    const Config config = load(world, {});
    EXPECT_EQ(config.text("namespace"), "flowlet-ada");
    EXPECT_EQ(config.list("values"), (std::vector<std::string>{"ada.yaml"}));
    EXPECT_EQ(config.integer("databases.primary.port"), 5432);
    EXPECT_EQ(config.list("monitor.health"), (std::vector<std::string>{"{\"http\":\"https://ada/health\"}"}));
    EXPECT_EQ(config.text("databases.primary.password"), "${WHO}");
}

TEST(Loader, a_variable_cannot_add_structure) {
    Project world("namespace: \"${EVIL}\"\n");
    world.variables["EVIL"] = "x\nkube: {context: prod}";
    EXPECT_EQ(error_of([&] { load(world, {}); }).kind(), Kind::config);
}

TEST(Loader, a_file_reference_is_for_secrets_only) {
    EXPECT_STREQ(load_error("namespace: ${file:/etc/passwd}\n").what(),
                 "flowlet.yaml:2:12: namespace: ${file:…} is for secret keys only");
    EXPECT_EQ(load_text("databases: {a: {password: \"${file:/x}\"}}\n").text("databases.a.password"), "${file:/x}");
}

TEST(Loader, no_error_says_a_secret) {
    const std::vector<std::string> texts = {
        "databases: {a: {password: [hunter2]}}\n",     "databases: {a: {password: {hunter2: hunter2}}}\n",
        "databases: {a: {pasword: hunter2}}\n",        "databases: {a: {password: \"hunter2\\e\"}}\n",
        "databases: {a: {password: \"hunter2${\"}}\n", "databases:\n  a:\n    password: hunter2: x\n",
        "databases:\n  a:\n    password: \"hunter2\n", "databases:\n  a:\n    password: \"hunter2\\q\"\n",
    };
    for (const std::string& text : texts) {
        const Error error = load_error(text);
        EXPECT_EQ((error.what() + error.hint()).find("hunter2"), std::string::npos) << error.what();
    }
}

TEST(Loader, the_file_of_this_project_loads_for_every_environment) {
    std::ifstream file("flowlet.yaml");
    std::stringstream text;
    text << file.rdbuf();
    fakes::World world;
    world.files["/home/tester/flowlet.yaml"] = {text.str(), 0644};
    const Config production = load(world, {"", "production", {}});
    EXPECT_EQ(production.environments(), (std::vector<std::string>{"development", "staging", "production"}));
    EXPECT_EQ(production.text("namespace"), "flowlet-prod");
    EXPECT_EQ(production.text("kube.context"), "prod");
    EXPECT_EQ(production.text("deploy.namespace_labels.flowlet.io/tier"), "core");
    EXPECT_TRUE(production.boolean("environments.production.protected"));
    EXPECT_EQ(load(world, {"", "staging", {}}).list("values"),
              (std::vector<std::string>{"charts/flowlet/values/staging.yaml"}));
    EXPECT_EQ(load(world, {"", "development", {}}).text("release"), "flowlet");
}

TEST(Loader, every_documented_key_is_known) {
    const Config config = load_text(R"(project: flowlet
environments:
  staging:
    kube: {context: staging}
    namespace: flowlet-staging
  production:
    inherits: staging
    protected: true
    kube: {context: prod, cluster_uid: 2f1c…}
    namespace: flowlet-prod
    values: [charts/flowlet/values/production.yaml]
deploy:
  chart: charts/flowlet
  manifests: manifests
  timeout: 10m
databases:
  primary: {type: postgres, host: db.internal, port: 5432, user: flowlet, name: flowlet, password: "${file:/run/secrets/db}"}
backup:
  store: /var/backups/flowlet
  recipients: [age1…, age1…]
  retention: {keep_last: 7, daily: 30, monthly: 12, yearly: 6}
  targets: {rpo: 1h, rto: 4h}
services:
  backend: {command: [python, run_server.py], dir: backend, env_file: .env.local,
            ready: {http: "http://127.0.0.1:5000/health"}, stop: {signal: TERM, grace: 10s}}
  frontend: {command: [npm, run, dev], dir: web-frontend, after: [backend], ready: {tcp: 3000}}
monitor: {app_namespace: flowlet, mon_namespace: monitoring, health: [{http: "https://…/health"}]}
lint: {tools: {flake8: {}, eslint: {}}}
audit: {dir: /var/log/flowletctl}
tools: {pg_dump: /usr/lib/postgresql/15/bin/pg_dump}
)",
                                    "production");
    EXPECT_EQ(config.children("services"), (std::vector<std::string>{"backend", "frontend"}));
    EXPECT_EQ(config.list("services.backend.command"), (std::vector<std::string>{"python", "run_server.py"}));
    EXPECT_EQ(config.text("services.frontend.ready.tcp"), "3000");
    EXPECT_EQ(config.children("lint.tools"), (std::vector<std::string>{"eslint", "flake8"}));
    EXPECT_EQ(config.text("lint.tools.eslint"), "{}");
    EXPECT_EQ(config.path("audit.dir"), "/var/log/flowletctl");
}

TEST(Loader, every_problem_is_one_line_that_begins_with_its_place) {
    Project project("\"nam\\nespace\": x\nproject: \"${A\\nB}\"\nrelease: \"${NOPE:?ask\\e[1m}\"\n");
    project.variables["FLOWLET_A\nB"] = "x";
    project.variables["FLOWLET_DEPLOY__SETS"] = "[";
    config::Request request;
    request.overrides.push_back({"x\ny", "1", "--set x\ny"});
    const Error error = error_of([&] { load(project, request); });
    const std::string what = error.what();
    EXPECT_EQ(printable(what), what);
    const std::vector<std::string> lines = split(what, '\n');
    EXPECT_EQ(lines.size(), 6U) << what;
    for (const std::string& line : lines) {
        const bool placed =
            line.starts_with("flowlet.yaml:") || line.starts_with("FLOWLET_") || line.starts_with("--set ");
        EXPECT_TRUE(placed) << line;
    }
}

TEST(Loader, an_unknown_environment_is_said_on_one_line) {
    EXPECT_EQ(std::string(load_error("", "a\nb").what()).find('\n'), std::string::npos);
}

TEST(Loader, a_variable_that_is_not_utf_8_is_refused_wherever_it_stands) {
    for (const char* const text : {"project: '${V}'", "lint: {tools: {a: {b: '${V}'}}}", "values: ['${V}']",
                                   "monitor: {health: [{http: '${V}'}]}"}) {
        Project project(text);
        project.variables["V"] = "\xff";
        const Error error = error_of([&] { load(project, {}); });
        EXPECT_EQ(error.kind(), Kind::config) << text;
        EXPECT_NE(std::string(error.what()).find("is not UTF-8"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace flowlet::config
