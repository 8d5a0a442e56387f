#include "config/reference.h"

#include "unit/config/flowlet_file.h"

namespace flowlet::config {
namespace {

using Source = Reference::Source;

TEST(Reference, a_secret_is_one_reference_or_plain_text) {
    EXPECT_EQ(check_reference("${file:/run/secrets/db}"), "");
    EXPECT_EQ(check_reference("${DB_PASSWORD}"), "");
    EXPECT_EQ(check_reference("${DB_PASSWORD:?ask ana}"), "");
    EXPECT_EQ(check_reference("${cred:db}"), "");
    EXPECT_EQ(check_reference("${secret:db}"), "");
    EXPECT_EQ(check_reference("s3cr$t"), "");
    for (const char* const text : {"${file:}", "${file:/x", "a${file:/x}", "${file:/x}b", "${A B}", "${cred:}",
                                   "${cred:../x}", "${secret:}", "${A:-written}", "${A:x}"}) {
        EXPECT_NE(check_reference(text), "") << text;
    }
}

TEST(Reference, no_problem_of_a_secret_says_its_text) {
    for (const char* const text : {"${hunter2", "hunter2${A}", "${A}hunter2", "${hunter2 x}"}) {
        EXPECT_EQ(check_reference(text).find("hunter2"), std::string::npos) << text;
    }
}

Config load_secrets(const std::string& password, const std::string& secrets = "{}") {
    return load_text("databases: {a: {password: '" + password + "'}}\nsecrets: " + secrets + "\n");
}

Reference reference(const std::string& password, const std::string& secrets = "{}") {
    return find_reference(load_secrets(password, secrets), "databases.a.password").value();
}

TEST(Reference, each_form_says_its_source) {
    EXPECT_EQ(reference("${DB}").source, Source::variable);
    EXPECT_EQ(reference("${DB:?ask ana}").name, "DB");
    EXPECT_EQ(reference("${DB:?ask ana}").message, "ask ana");
    EXPECT_EQ(reference("${file:/run/x}").name, "/run/x");
    EXPECT_EQ(reference("${file:x}").name, "/project/x");
    EXPECT_EQ(reference("${cred:db}").source, Source::credential);
}

TEST(Reference, a_named_secret_leads_to_its_source) {
    EXPECT_EQ(reference("${secret:s}", "{s: {env: DB}}").source, Source::variable);
    EXPECT_EQ(reference("${secret:s}", "{s: {file: x}}").name, "/project/x");
    EXPECT_EQ(reference("${secret:s}", "{s: {credential: db}}").source, Source::credential);
    EXPECT_EQ(reference("${secret:s}", "{s: {kubernetes: ns/db/password}}").name, "ns/db/password");
    EXPECT_EQ(reference("${secret:s}", "{s: {exec: [sops, -d, x]}}").command,
              (std::vector<std::string>{"sops", "-d", "x"}));
    EXPECT_EQ(reference("${secret:s}", "{s: {prompt: Password}}").source, Source::terminal);
}

TEST(Reference, a_secret_that_is_written_out_is_refused_and_not_repeated) {
    const Error error = load_error("databases: {a: {password: hunter2}}\n");
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_NE(std::string(error.what()).find("flowlet.yaml:2:27: databases.a.password: a secret is written out here"),
              std::string::npos)
        << error.what();
    EXPECT_EQ((error.what() + error.hint()).find("hunter2"), std::string::npos);
}

TEST(Reference, a_variable_may_hold_the_secret_itself) {
    Project project("");
    project.variables["FLOWLET_DATABASES__A__PASSWORD"] = "hunter2";
    const Config config = load(project, {});
    EXPECT_EQ(find_reference(config, "databases.a.password")->source, Source::written);
    EXPECT_EQ(find_reference(config, "databases.a.password")->place.file, "FLOWLET_DATABASES__A__PASSWORD");
}

TEST(Reference, a_name_that_is_not_declared_is_an_error_with_the_nearest) {
    const Error error = load_error("databases: {a: {password: '${secret:primry}'}}\nsecrets: {primary: {env: A}}\n");
    EXPECT_NE((error.what() + error.hint()).find("did you mean primary?"), std::string::npos) << error.what();
}

TEST(Reference, a_secret_has_one_source) {
    EXPECT_NE(std::string(load_error("secrets: {a: {env: A, file: x}}\n").what()).find("more than one source"),
              std::string::npos);
    EXPECT_NE(std::string(load_error("secrets: {a: {kubernetes: x}}\n").what()).find("NAMESPACE/NAME/KEY"),
              std::string::npos);
    EXPECT_NE(std::string(load_error("secrets: {a: {env: 'A B'}}\n").what()).find("no name of a variable"),
              std::string::npos);
}

TEST(Reference, nothing_is_known_of_a_key_that_is_not_set) {
    EXPECT_EQ(find_reference(load_text(""), "databases.a.password"), std::nullopt);
}

}  // namespace
}  // namespace flowlet::config
