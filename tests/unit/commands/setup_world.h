// A project in memory that setup can look at.
#pragma once

#include <optional>
#include <string>

#include "commands/setup/setup.h"
#include "fakes/world.h"
#include "flowlet/config.h"

namespace flowlet::commands::setup {

/// Everything is there that a setup needs, and nothing of what it makes.
struct Workshop : fakes::World {
    Workshop() {
        folder = "/srv/shop";
        folders.insert({"/srv", "/srv/shop", "/srv/shop/backend", "/srv/shop/web-frontend", "/usr/lib/postgresql",
                        "/usr/lib/postgresql/15/bin", "/srv/shop/backend/migrations"});
        put("backend/requirements.txt", "Flask==3.0.3\nFlask-Migrate==4.0.7\n");
        put("backend/run_server.py", "@app.get(\"/health\")\nif __name__ == '__main__':\n    run(port=5050)\n");
        put("backend/migrations/env.py", "");
        put("web-frontend/package.json", R"({"scripts": {"dev": "vite"}, "devDependencies": {"vite": "5"}})");
        put("web-frontend/package-lock.json", "{}");
        said("python3", "Python 3.11.2");
        said("node", "v20.20.2");
        said("npm", "11.19.1");
        said("initdb", "initdb (PostgreSQL) 15.18");
        said("psql", "psql (PostgreSQL) 15.18");
        for (const char* const name : {"pg_ctl", "postgres", "env"})
            program(name, host::Exit{});
        program("python3", {"-c"}, exit("23.0.1"));
    }

    static host::Exit exit(std::string out) {
        host::Exit made;
        made.out = std::move(out);
        return made;
    }
    void said(const std::string& name, const std::string& version) { program(name, exit(version + "\n")); }
    void put(const std::string& path, const std::string& text) { files["/srv/shop/" + path] = {text, 0644}; }

    Facts facts(const std::string& environment = "development") {
        config.reset();
        if (files.contains("/srv/shop/flowlet.yaml")) config = config::load(*this, {"", environment, {}});
        return observe_project(session(environment));
    }
    Session session(const std::string& environment = "development") {
        return {*this, config ? &*config : nullptr, "/audit", "run-1", "ana@ops", &scrubber, {"", environment, {}}};
    }
    /// As if the plan had been carried out.
    void carry_out(const Facts& found) {
        const auto keep = [&](const std::string& path, const std::string& text) { files[path] = {text, 0600}; };
        folders.insert({found.python.into, found.node.into, "/srv/shop/.flowlet"});
        keep(found.python.record, found.python.wanted);
        keep(found.node.record, found.node.wanted);
        keep(found.tables.record, found.tables.wanted);
        if (!found.env_file.there) keep(found.env_file.path, found.env_file.text);
        if (found.server) {
            keep(found.server->superuser_file(), found.server->superuser.reveal() + "\n");
            keep(found.server->data() + "/PG_VERSION", "15\n");
        }
        keep("/srv/shop/.flowlet/.gitignore", "*\n");
        keep(found.python.into + "/bin/python", "");
        program("python", host::Exit{});
        if (!found.description.has_services) files[found.description.path] = {found.description.after, 0644};
        postgres = [](const host::Database&, const std::string&) {
            host::Rows rows;
            rows.state = "08001";
            return rows;
        };
    }

    stream::Scrubber scrubber;
    std::optional<config::Config> config;
};

}  // namespace flowlet::commands::setup
