#include "samples.h"

namespace flowlet::console {
namespace {

ManPage page_with(const ManPage::Block& block) {
    return {"shop-a", "1", "sells", "2026-08-22", "shop 1", {{"PART", {block}}}};
}

std::string body_of(const ManPage& page) {
    const std::string text = to_roff(page);
    return text.substr(text.find(".SH \"PART\"\n") + 11);
}

TEST(Roff, a_page_has_a_head_a_name_and_its_sections) {
    EXPECT_EQ(to_roff(page_with({ManPage::Block::Form::text, "", "Sells things."})),
              ".TH \"SHOP\\-A\" \"1\" \"2026-08-22\" \"shop 1\" \"Flowlet\"\n"
              ".SH NAME\nshop\\-a \\- sells\n"
              ".SH \"PART\"\nSells things.\n");
}

TEST(Roff, what_roff_would_read_as_its_own_is_escaped) {
    EXPECT_EQ(body_of(page_with({ManPage::Block::Form::text, "", ".so \\n 'a' \"b\" ~ ^ `"})),
              "\\&.so \\en \\(aqa\\(aq \\(dqb\\(dq \\(ti \\(ha \\(ga\n");
}

TEST(Roff, letters_beyond_ascii_are_written_as_numbers) {
    EXPECT_EQ(body_of(page_with({ManPage::Block::Form::text, "", "ü … 𝄞"})), "\\[u00FC] \\[u2026] \\[u1D11E]\n");
}

TEST(Roff, lines_to_type_stay_lines) {
    EXPECT_EQ(body_of(page_with({ManPage::Block::Form::code, "", "a -b\n  c"})), ".nf\na \\-b\n  c\n.fi\n");
}

TEST(Roff, nothing_foreign_becomes_a_command) {
    for (const auto form : {ManPage::Block::Form::text, ManPage::Block::Form::term, ManPage::Block::Form::code}) {
        const std::string body = body_of(page_with({form, hostile, "a\r\n.so /etc/passwd"}));
        EXPECT_EQ(body.find("\n.so"), std::string::npos) << body;
        EXPECT_TRUE(is_tame(body)) << body;
    }
}

TEST(Roff, every_kind_has_a_meaning) {
    for (int kind = 0; kind <= static_cast<int>(Kind::terminated); ++kind)
        EXPECT_FALSE(meaning(static_cast<Kind>(kind)).empty()) << kind;
}

}  // namespace
}  // namespace flowlet::console
