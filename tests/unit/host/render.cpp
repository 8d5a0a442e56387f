#include "flowlet/host.h"

#include <gtest/gtest.h>

namespace flowlet::host {
namespace {

std::string rendered(std::vector<std::string> args) {
    Command command;
    command.program = "/usr/local/bin/helm";
    command.args = std::move(args);
    return render(command);
}

TEST(Render, a_command_reads_as_a_person_would_type_it) {
    EXPECT_EQ(rendered({"upgrade", "flowlet", "./charts/x", "--set=a=b", "--timeout", "10m"}),
              "helm upgrade flowlet ./charts/x --set=a=b --timeout 10m");
}

TEST(Render, what_a_shell_would_change_is_quoted) {
    EXPECT_EQ(rendered({"a b", "$(x)", "", "it's", ";", "*", "~"}), R"(helm 'a b' '$(x)' '' 'it'\''s' ';' '*' '~')");
}

TEST(Render, an_escape_cannot_reach_the_terminal) {
    EXPECT_EQ(rendered({"\x1b[2J"}).find('\x1b'), std::string::npos);
}

TEST(Render, neither_input_nor_environment_is_shown) {
    Command command;
    command.program = "/usr/bin/psql";
    command.input = "secret-input";
    command.env = {{"PGPASSWORD", "secret-variable"}};
    EXPECT_EQ(render(command), "psql");
}

}  // namespace
}  // namespace flowlet::host
