#include <gtest/gtest.h>

#include <random>

#include "commands/setup/env_text.h"
#include "commands/setup/facts.h"
#include "commands/setup/services.h"
#include "commands/shared/env_file.h"
#include "unit/commands/setup_world.h"

namespace flowlet::commands::setup {
namespace {

std::string read_back(const std::string& text) {
    const auto found = parse_env_file(text, "env");
    return found.size() == 1 && found.front().first == "NAME" ? found.front().second.reveal() : "(another)";
}

TEST(SetupEnv, every_value_is_read_back_as_it_was) {
    for (const std::string value :
         {"", "plain", "ends with =", "=", "it's", "'", "\"", "a\"b'c", "$HOME", "# no comment", "a #b", " blanks ",
          "two\nlines", "\\n", "back\\slash", "\"quoted\"", "'both\"\n"}) {
        EXPECT_EQ(read_back(render_env("NAME", value)), value) << render_env("NAME", value);
    }
}

TEST(SetupEnv, any_printable_value_is_read_back_as_it_was) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> letters(' ', '~');
    std::uniform_int_distribution<std::size_t> lengths(0, 40);
    for (int round = 0; round < 2000; ++round) {
        std::string value;
        for (std::size_t left = lengths(random); left > 0; --left)
            value += static_cast<char>(letters(random));
        ASSERT_EQ(read_back(render_env("NAME", value)), value) << render_env("NAME", value);
    }
}

TEST(SetupEnv, a_new_file_follows_its_example) {
    Workshop shop;
    shop.put("backend/.env.example",
             "# keep me\nexport "
             "SECRET_KEY=change-me\nJWT_SECRET=\nTHEIR_SECRET=5f2b81c0\nDATABASE_URL=postgresql+psycopg://u:p@h/n\n"
             "DB_USER=\nPOSTGRES_PASSWORD=x\nSENTRY_DSN=\nCURRENCY=EUR\n");
    const Facts facts = shop.facts();
    const auto& values = facts.env_file.values;
    EXPECT_TRUE(facts.env_file.text.starts_with("# keep me\nSECRET_KEY="));
    EXPECT_GE(values.at("SECRET_KEY").size(), 40U);
    EXPECT_GE(values.at("JWT_SECRET").size(), 40U);
    EXPECT_NE(values.at("SECRET_KEY"), values.at("JWT_SECRET"));
    EXPECT_EQ(values.at("THEIR_SECRET"), "5f2b81c0");
    EXPECT_EQ(values.at("CURRENCY"), "EUR");
    EXPECT_EQ(values.at("DB_USER"), "shop");
    EXPECT_EQ(values.at("POSTGRES_PASSWORD"), facts.tables.database.password.reveal());
    EXPECT_TRUE(values.at("DATABASE_URL").starts_with("postgresql+psycopg://shop:"));
    ASSERT_EQ(facts.findings.size(), 1U);
    EXPECT_NE(facts.findings.front().message.find("SENTRY_DSN is empty"), std::string::npos);
}

TEST(SetupEnv, without_an_example_it_has_what_a_backend_needs) {
    Workshop shop;
    const Facts facts = shop.facts();
    for (const char* const name : {"DATABASE_URL", "DATABASE_PASSWORD", "SECRET_KEY", "JWT_SECRET_KEY"})
        EXPECT_FALSE(facts.env_file.values.at(name).empty()) << name;
}

TEST(SetupEnv, what_is_secret_in_it_is_told_to_nobody) {
    Workshop shop;
    const Facts facts = shop.facts();
    for (const char* const name : {"DATABASE_PASSWORD", "SECRET_KEY", "JWT_SECRET_KEY"})
        EXPECT_EQ(shop.scrubber.scrub(facts.env_file.values.at(name)), "***") << name;
    EXPECT_EQ(shop.scrubber.scrub(facts.server->superuser.reveal()), "***");
}

TEST(SetupEnv, a_url_is_read_back_as_the_database_it_names) {
    for (const char* const host : {"/srv/a b/.flowlet/postgres", "db.internal"}) {
        host::Database database;
        database.host = host;
        database.port = 5433;
        database.user = "a:na@x";
        database.name = "shop/2?";
        database.password = Secret("p@ss/w%rd?#&=");
        const std::optional<host::Database> read = parse_url(render_url(database, "postgresql+psycopg"));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->host, database.host);
        EXPECT_EQ(read->port, database.port);
        EXPECT_EQ(read->user, database.user);
        EXPECT_EQ(read->name, database.name);
        EXPECT_EQ(read->password.reveal(), database.password.reveal());
    }
}

TEST(SetupEnv, a_url_of_something_else_names_no_database) {
    for (const char* const url : {"", "sqlite:///dev.db", "no url", "postgresql://host:99999/x", "postgresql:///x"})
        EXPECT_FALSE(parse_url(url)) << url;
    EXPECT_EQ(parse_url("mysql+pymysql://ana@db/shop")->engine, host::Engine::mysql);
    EXPECT_EQ(parse_url("mysql+pymysql://ana@db/shop")->port, 3306);
}

TEST(SetupEnv, a_port_is_found_where_it_is_spoken_of) {
    EXPECT_EQ(find_port("import os\nimport x\nport=int(os.environ.get(\"PORT\", \"5000\"))"), "5000");
    EXPECT_EQ(find_port("vite --port 3000"), "3000");
    EXPECT_EQ(find_port("server: { port: 5173 }"), "5173");
    EXPECT_EQ(find_port("Number(process.env.PORT ?? 4173)"), "4173");
    EXPECT_EQ(find_port("import a\n12345"), "");
    EXPECT_EQ(find_port("port 12"), "");
}

}  // namespace
}  // namespace flowlet::commands::setup
