#include "samples.h"

namespace flowlet::console {
namespace {

Command shop() {
    const Flag output{{"-o", "--output"}, "table|json", "How to print the answer", false, false};
    const Flag help{{"-h", "--help"}, "", "This text", false, false};
    const Flag key{{}, "KEY", "The key's path", true, false};
    Command explain{"shop explain", "Say where a key comes from", {help}, {key}, {"shop explain a.b"}, {}};
    return {"shop", "Runs a shop", {output, help}, {}, {"shop explain a.b", "shop --help"}, {explain}};
}

TEST(HelpText, examples_come_first_then_commands_then_flags) {
    EXPECT_EQ(render_help(shop(), "shop", plain()),
              "Runs a shop\n"
              "\n"
              "Examples\n"
              "  shop explain a.b\n"
              "  shop --help\n"
              "\n"
              "Usage: shop [COMMAND] [FLAGS]\n"
              "\n"
              "Commands\n"
              "  explain  Say where a key comes from\n"
              "\n"
              "Flags\n"
              "  -o, --output table|json  How to print the answer\n"
              "  -h, --help               This text\n");
}

TEST(HelpText, of_a_command_below_the_flags_of_all_are_only_named) {
    EXPECT_EQ(render_help(shop(), "shop explain", plain()),
              "Say where a key comes from\n"
              "\n"
              "Examples\n"
              "  shop explain a.b\n"
              "\n"
              "Usage: shop explain KEY [FLAGS]\n"
              "\n"
              "Arguments\n"
              "  KEY  The key's path\n"
              "\n"
              "Everywhere: -o -h, see shop --help\n");
}

TEST(HelpText, on_a_narrow_terminal_the_text_stands_below_the_flag) {
    const std::string text = render_help(shop(), "shop", terminal(30));
    EXPECT_NE(text.find("  -o, --output table|json\n    How to print the answer\n"), std::string::npos) << text;
}

TEST(HelpText, a_command_that_there_is_not_is_not_found) {
    const Command root = shop();
    EXPECT_EQ(find(root, "shop explain"), &root.commands.front());
    EXPECT_EQ(find(root, "explain"), nullptr);
}

}  // namespace
}  // namespace flowlet::console
