#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "unit/commands/setup_world.h"

namespace flowlet::commands::setup {
namespace {

std::vector<std::string> ids(const plan::Plan& plan) {
    std::vector<std::string> all;
    for (const plan::Step& step : plan.steps)
        all.push_back(step.id);
    return all;
}

const plan::Step& step_of(const plan::Plan& plan, const std::string& id) {
    const auto found =
        std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) { return step.id == id; });
    if (found == plan.steps.end()) throw std::logic_error("no step " + id);
    return *found;
}

bool has(const plan::Plan& plan, const std::string& id) {
    const auto all = ids(plan);
    return std::find(all.begin(), all.end(), id) != all.end();
}

std::string error_of(Workshop& shop, Kind kind) {
    try {
        (void)plan_setup(shop.facts());
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << error.what();
        EXPECT_FALSE(error.hint().empty()) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
}

using Ids = std::vector<std::string>;

TEST(Setup, from_nothing_it_plans_every_part) {
    Workshop shop;
    const plan::Plan plan = plan_setup(shop.facts());
    plan::check(plan);
    EXPECT_EQ(ids(plan),
              (Ids{"lock", "write/.flowlet/.gitignore", "python/make", "python/install", "python/record",
                   "node/install", "node/record", "write/backend/.env.local", "database/folder",
                   "write/.flowlet/postgres/superuser", "database/init", "database/free", "database/start",
                   "database/role", "tables/migrate", "tables/count", "tables/record", "write/flowlet.yaml"}));
    EXPECT_EQ(step_of(plan, "tables/migrate").after,
              (Ids{"python/record", "node/record", "write/backend/.env.local", "database/role"}));
    EXPECT_EQ(step_of(plan, "node/install").after, step_of(plan, "python/make").after);
}

TEST(Setup, once_it_was_carried_out_nothing_is_planned) {
    Workshop shop;
    shop.carry_out(shop.facts());
    const plan::Plan plan = plan_setup(shop.facts());
    EXPECT_EQ(ids(plan), Ids{});
    EXPECT_EQ(plan.unchanged, 5U);
    EXPECT_TRUE(plan.findings.empty());
}

TEST(Setup, what_changed_is_done_again_and_only_that) {
    Workshop shop;
    shop.carry_out(shop.facts());
    shop.put("backend/requirements.txt", "Flask==3.0.4\nFlask-Migrate==4.0.7\n");
    EXPECT_EQ(ids(plan_setup(shop.facts())), (Ids{"lock", "python/forget", "python/install", "python/record"}));
    shop.carry_out(shop.facts());
    shop.put("web-frontend/package-lock.json", "{\"a\": 1}");
    EXPECT_EQ(ids(plan_setup(shop.facts())), (Ids{"lock", "node/forget", "node/install", "node/record"}));
    shop.carry_out(shop.facts());
    shop.put("backend/migrations/0002.py", "");
    EXPECT_EQ(ids(plan_setup(shop.facts())), (Ids{"lock", "tables/forget", "database/free", "database/start",
                                                  "database/role", "tables/migrate", "tables/count", "tables/record"}));
}

TEST(Setup, a_list_that_another_names_counts_too) {
    Workshop shop;
    shop.put("backend/requirements.txt", "-r more.txt\nFlask-Migrate\n");
    shop.put("backend/more.txt", "a\n");
    shop.carry_out(shop.facts());
    shop.put("backend/more.txt", "b\n");
    EXPECT_TRUE(has(plan_setup(shop.facts()), "python/install"));
}

TEST(Setup, no_secret_stands_in_the_plan) {
    Workshop shop;
    const Facts facts = shop.facts();
    const plan::Plan plan = plan_setup(facts);
    const std::string told = plan::to_json(plan).dump();
    for (const char* const name : {"SECRET_KEY", "JWT_SECRET_KEY", "DATABASE_PASSWORD"})
        EXPECT_EQ(told.find(facts.env_file.values.at(name)), std::string::npos) << name;
    EXPECT_EQ(told.find(facts.server->superuser.reveal()), std::string::npos);
}

TEST(Setup, a_server_that_runs_is_neither_started_nor_stopped) {
    Workshop shop;
    shop.carry_out(shop.facts());
    shop.postgres = [](const host::Database&, const std::string&) { return host::Rows(); };
    shop.put("backend/migrations/0002.py", "");
    const plan::Plan plan = plan_setup(shop.facts());
    EXPECT_FALSE(has(plan, "database/start"));
    EXPECT_FALSE(has(plan, "database/free"));
    EXPECT_TRUE(has(plan, "tables/migrate"));
}

TEST(Setup, data_that_were_there_are_never_removed) {
    Workshop shop;
    shop.carry_out(shop.facts());
    shop.put("backend/migrations/0002.py", "");
    const plan::Plan plan = plan_setup(shop.facts());
    for (const plan::Step& step : plan.steps) {
        for (const plan::Step::Undo& back : step.undo)
            EXPECT_FALSE(std::holds_alternative<plan::Clear>(back.action)) << step.id << ": " << back.what;
    }
}

TEST(Setup, no_table_is_a_failure_and_the_number_is_told) {
    Workshop shop;
    const plan::Plan plan = plan_setup(shop.facts());
    const auto& survey = std::get<plan::Survey>(step_of(plan, "tables/count").action);
    host::Rows rows;
    rows.rows = {{"0"}};
    EXPECT_TRUE(survey.judge(std::span(&rows, 1)));
    rows.rows = {{"7"}};
    EXPECT_FALSE(survey.judge(std::span(&rows, 1)));
    EXPECT_EQ(plan.result().text, "7 tables in the database shop of its private PostgreSQL");
    EXPECT_EQ(plan.result().document->at("tables"), 7);
}

TEST(Setup, each_lockfile_has_its_manager) {
    for (const auto& [file, manager, word] :
         {std::tuple("pnpm-lock.yaml", "pnpm", "--frozen-lockfile"), std::tuple("yarn.lock", "yarn", "--immutable")}) {
        Workshop shop;
        shop.put(std::string("web-frontend/") + file, "");
        shop.said(manager, std::string(manager) == "yarn" ? "4.1.0" : "9.0.0");
        const host::Command install = shop.facts().node.install;
        EXPECT_TRUE(install.program.ends_with(manager));
        EXPECT_EQ(install.args, (Ids{"install", word}));
    }
    Workshop classic;
    classic.put("web-frontend/yarn.lock", "");
    classic.said("yarn", "1.22.19");
    EXPECT_EQ(classic.facts().node.install.args, (Ids{"install", "--frozen-lockfile"}));
}

TEST(Setup, uv_is_taken_where_it_is_there) {
    Workshop shop;
    shop.said("uv", "uv 0.5.0");
    const Packages python = shop.facts().python;
    EXPECT_EQ(python.make.front().args, (Ids{"venv", "--python", "/usr/bin/python3", "/srv/shop/backend/.venv"}));
    EXPECT_EQ(python.install.args,
              (Ids{"pip", "install", "--python", "/srv/shop/backend/.venv/bin/python", "-r", "requirements.txt"}));
}

TEST(Setup, root_cannot_have_a_private_database) {
    Workshop shop;
    shop.folders.insert("/proc/self");
    EXPECT_NE(error_of(shop, Kind::precondition).find("does not run as root"), std::string::npos);
}

TEST(Setup, what_is_missing_is_said_with_what_to_do) {
    Workshop no_lock;
    no_lock.files.erase("/srv/shop/web-frontend/package-lock.json");
    EXPECT_NE(error_of(no_lock, Kind::precondition).find("no lockfile"), std::string::npos);
    Workshop no_list;
    no_list.files.erase("/srv/shop/backend/requirements.txt");
    EXPECT_NE(error_of(no_list, Kind::precondition).find("requirements.txt"), std::string::npos);
    Workshop old;
    old.said("python3", "Python 3.9.2");
    EXPECT_NE(error_of(old, Kind::tool_missing).find("3.9.2, too old"), std::string::npos);
    Workshop closed;
    closed.read_only.insert("/srv/shop");
    EXPECT_NE(error_of(closed, Kind::denied).find("/srv/shop"), std::string::npos);
    Workshop broken;
    broken.folders.insert("/srv/shop/backend/.venv");
    EXPECT_NE(error_of(broken, Kind::precondition).find("bin/python"), std::string::npos);
}

TEST(Setup, data_of_another_version_are_left_alone) {
    Workshop shop;
    shop.carry_out(shop.facts());
    shop.files["/srv/shop/.flowlet/postgres/data/PG_VERSION"] = {"14\n", 0600};
    EXPECT_NE(error_of(shop, Kind::precondition).find("PostgreSQL 14 made it"), std::string::npos);
}

TEST(Setup, the_database_that_the_backend_names_itself_is_used) {
    Workshop shop;
    shop.put("backend/.env.local", "DATABASE_URL=postgresql://ana:planted-secret@db.internal/books\n");
    shop.postgres = [](const host::Database& database, const std::string&) {
        EXPECT_EQ(database.password.reveal(), "planted-secret");
        return host::Rows();
    };
    const Facts facts = shop.facts();
    EXPECT_FALSE(facts.server);
    EXPECT_EQ(facts.tables.database.name, "books");
    EXPECT_EQ(facts.tables.named, "backend/.env.local");
    EXPECT_FALSE(has(plan_setup(facts), "database/init"));
    EXPECT_EQ(facts.description.after.find("  postgres:"), std::string::npos);
}

TEST(Setup, its_description_is_one_that_can_be_read) {
    Workshop shop;
    const Facts facts = shop.facts();
    fakes::World world;
    world.files["/home/tester/flowlet.yaml"] = {facts.description.after, 0644};
    const config::Config config = config::load(world, {"", "development", {}});
    EXPECT_EQ(config.children("services"), (Ids{"backend", "frontend", "postgres"}));
    EXPECT_EQ(config.text("services.backend.ready.http"), "http://127.0.0.1:5050/health");
    EXPECT_EQ(config.integer("services.frontend.ready.tcp"), 5173);
    EXPECT_EQ(config.list("services.backend.command"), (Ids{".venv/bin/python", "run_server.py"}));
    EXPECT_EQ(config.text("services.postgres.ready.postgres"), ".flowlet/postgres:5432");
}

TEST(Setup, another_environment_is_for_deploy) {
    Workshop shop;
    try {
        (void)shop.facts("production");
        ADD_FAILURE() << "no error";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::usage);
        EXPECT_EQ(error.hint(), "flowletctl deploy --env production brings the platform there");
    }
}

}  // namespace
}  // namespace flowlet::commands::setup
