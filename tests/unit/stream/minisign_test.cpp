#include <gtest/gtest.h>

#include <tuple>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

// A key for these tests only, made by `minisign -G -W` (0.11); everything below is by minisign too.
const std::string key_line =
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXTHmd/0WZjEFue0htAAIhKIbeooL"
    "u9kW1IsVsgMe98K30qekSXkiaKHCvnTzd3VuPVKfsAGJQ7ZYVdnNTNIb//ssBDU9OsteAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAA=";
const std::string key_file = "untrusted comment: flowletctl test key\n" + key_line + "\n";
const std::string public_key = "RWRdMeZ3/RZmMaHCvnTzd3VuPVKfsAGJQ7ZYVdnNTNIb//ssBDU9Oste";

const std::string message = "a message\n";
const std::string comment = "manifest of 2026-08-22";
const std::string first_line = "untrusted comment: signature from minisign secret key\n";

// `minisign -S -t 'manifest of 2026-08-22'`
const std::string signed_part =
    "RURdMeZ3/RZmMWWWi+UhcAF1tqgQrhEoCXaNnrszlcOxgIMb5rPsgiQDokT7guzc6qkY8Z/12h5VqC3YnFuXC13OkiB4/8oWDQk=\n"
    "trusted comment: manifest of 2026-08-22\n"
    "cHpbW9JTU6JiJVtOsemwTnJylWoUQwNREAeHic0Q/RNVQ5E+IhSKMIbkZ1uNOeXeUAEJXseW4QCsoikf8lgdBw==\n";
// The same with -l.
const std::string legacy_part =
    "RWRdMeZ3/RZmMaipFkw0/OhKKST9y/918kr+D9uhLlWsuNHe3sHE8ztZE66KQX7oX3OBxt8BsNZcxPIhUmhtYmxbN+BmJCXfSQY=\n"
    "trusted comment: manifest of 2026-08-22\n"
    "d+VmJUtEHBwXbX90Kc8gcSjWvP2q6lTca4rwJQfBEuH8GaXKSbu+mkOO1BXaPDocdxqCDCNGKFGZdPBO8gboCA==\n";

// Another key, and what it signed.
const std::string other_key = "RWTPyfKwXq+Q1Kj4xQSqYd6waXEqEUOqqRSUsyrUKlmM2UIEm9foRlEX";
const std::string other_part =
    "RUTPyfKwXq+Q1JpqjOYeAULtuJZtqp0kKXZxQhzV4NNswY0vnYSsDOFiKVG80BFuSWyMEBlDVy/26UCs8EY52Kxi6aiLliIzLw8=\n"
    "trusted comment: manifest of 2026-08-22\n"
    "9pfpSRrk+1fOtrVY+TJ8ie2vifwd2diPx8xfmow2mFZwf9rEQc7xmGaWrftPSzRefDYg1Bj+6GQTMU/B3nD+Bw==\n";

// `minisign -G` with the password "pw"; and the same key after `minisign -C -W`, which writes the checksum.
const std::string encrypted_line =
    "RWRTY0Iyewam70Rz0TwgkuDrVy8uob0ekdrgpQG937NZIugV5dwAAAACAAAAAAAAAEAAAAAAEEJ99LQINrFd7rxM+0GNwFzzo1jf"
    "2SYo6KP39WBQMZhMbgluCadgS+cv1q+gmLLCpfpxfCfzQ6wG6JKjEy/c7aFlQ2C7idz//kwcSXR4H0TDGWgyd5rxHKd/aSQMPI9M"
    "HT7u1B/R+hQ=";
const std::string opened_line =
    "RWQAAEIyewam70Rz0TwgkuDrVy8uob0ekdrgpQG937NZIugV5dwAAAACAAAAAAAAAEAAAAAAD1TmT/CBsI8aNOUovUBfPjeXyY3X"
    "gawraJ84Jp0VZBr2A+ReuYX9BehxujsOWY3IqRdTamzJTY5rJbnFJeuj4QF5i3NnybbAnnapNxzXKtsQ5yUDjZADzI9elQPjnzEK"
    "pjnwUHi4Lkc=";

struct Answer {
    Kind kind = Kind::ok;
    std::string what;
    std::string hint;
};

template <typename Act>
Answer answer(const Act& act) {
    try {
        act();
    } catch (const Error& error) {
        return {error.kind(), error.what(), error.hint()};
    }
    return {};
}

Answer check(const std::string& signature, const std::string& about = message, const std::string& by = public_key) {
    return answer([&] { check_signature(by, about, signature); });
}

Answer load(const std::string& file) {
    return answer([&] { const SigningKey key{Secret(file)}; });
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
}

// ---- checking --------------------------------------------------------------------------------------------------

TEST(CheckSignature, accepts_what_minisign_signed_and_gives_its_trusted_comment) {
    EXPECT_EQ(check_signature(public_key, message, first_line + signed_part), comment);
    EXPECT_EQ(check_signature(other_key, message, first_line + other_part), comment);
    EXPECT_EQ(check_signature(" " + public_key + "\n", message, first_line + signed_part), comment);
}

TEST(CheckSignature, the_untrusted_comment_may_say_anything) {
    EXPECT_EQ(check(replaced(first_line, "minisign", "nobody") + signed_part).what, "");
}

TEST(CheckSignature, the_ends_of_lines_may_be_those_of_another_system) {
    std::string text;
    for (const char letter : first_line + signed_part)
        text += letter == '\n' ? "\r\n" : std::string(1, letter);
    EXPECT_EQ(check_signature(public_key, message, text), comment);
    const std::string whole = first_line + signed_part;
    EXPECT_EQ(check_signature(public_key, message, whole.substr(0, whole.size() - 1)), comment);
}

TEST(CheckSignature, says_who_has_signed_instead) {
    const Answer said = check(first_line + other_part);
    EXPECT_EQ(said.kind, Kind::verification);
    EXPECT_EQ(said.what, "signature: it is by the key D490AF5EB0F2C9CF, not by 316616FD77E6315D");
}

TEST(CheckSignature, refuses_another_key_of_the_same_id) {
    std::string bytes = base64_decode(other_key);
    bytes.replace(2, 8, base64_decode(public_key).substr(2, 8));
    EXPECT_EQ(check(first_line + signed_part, message, base64_encode(bytes)).kind, Kind::verification);
}

TEST(CheckSignature, refuses_a_changed_message) {
    for (const std::string& changed : {std::string("a massage\n"), std::string("a message"), std::string()}) {
        const Answer said = check(first_line + signed_part, changed);
        EXPECT_EQ(said.kind, Kind::verification);
        EXPECT_EQ(said.what, "signature: it does not fit: it or what it was made for has been changed");
    }
}

TEST(CheckSignature, refuses_a_changed_trusted_comment) {
    const Answer said = check(first_line + replaced(signed_part, "2026", "2027"));
    EXPECT_EQ(said.kind, Kind::verification);
    EXPECT_EQ(said.what, "signature: its trusted comment has been changed");
    EXPECT_EQ(check(first_line + replaced(signed_part, comment, comment + " ")).kind, Kind::verification);
}

TEST(CheckSignature, refuses_every_truncation) {
    const std::string whole = first_line + signed_part;
    for (std::size_t length = 0; length + 1 < whole.size(); ++length)
        EXPECT_EQ(check(whole.substr(0, length)).kind, Kind::verification) << length;
}

TEST(CheckSignature, refuses_every_changed_byte_of_what_is_signed) {
    for (std::size_t at = 0; at < signed_part.size(); ++at) {
        std::string changed = signed_part;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_EQ(check(first_line + changed).kind, Kind::verification) << at;
    }
}

TEST(CheckSignature, refuses_what_is_signed_without_a_digest_and_says_how_to_sign) {
    const Answer said = check(first_line + legacy_part);
    EXPECT_EQ(said.kind, Kind::verification);
    EXPECT_NE(said.what.find("old form"), std::string::npos);
    EXPECT_NE(said.hint.find("minisign -S -H"), std::string::npos);
}

TEST(CheckSignature, refuses_foreign_text) {
    EXPECT_EQ(check("").what, "signature: that is no signature of minisign");
    EXPECT_EQ(check("<html>not found</html>\n").what, "signature: that is no signature of minisign");
    EXPECT_EQ(check(first_line + signed_part + "more\n").what, "signature: there is something after its end");
    EXPECT_EQ(check(first_line + "?\n" + comment + "\n?\n").what, "signature: it has no trusted comment");
    EXPECT_EQ(check(first_line + "?" + signed_part).what, "signature: its second line is damaged");
}

TEST(CheckSignature, a_wrong_public_key_is_a_mistake_in_the_configuration) {
    for (const std::string& wrong : {std::string(), std::string("RWQ"), "x" + public_key, key_line, signed_part}) {
        const Answer said = check(first_line + signed_part, message, wrong);
        EXPECT_EQ(said.kind, Kind::config);
        EXPECT_NE(said.hint.find("minisign.pub"), std::string::npos);
    }
}

// ---- signing ---------------------------------------------------------------------------------------------------

TEST(SigningKey, has_the_public_key_that_minisign_gave_it) {
    EXPECT_EQ(SigningKey{Secret(key_file)}.public_key(), public_key);
}

// Ed25519 gives one signature for one text.
TEST(SigningKey, signs_as_minisign_does) {
    EXPECT_EQ(SigningKey{Secret(key_file)}.sign(message, comment),
              "untrusted comment: signature from flowletctl\n" + signed_part);
}

TEST(SigningKey, what_it_signs_is_accepted) {
    const SigningKey key{Secret(key_file)};
    for (const std::string& text : {std::string(), std::string("\0\n", 2), std::string(100000, 'x')}) {
        for (const std::string& said : {std::string(), std::string("ä"), std::string(8000, 'x')})
            EXPECT_EQ(check_signature(public_key, text, key.sign(text, said)), said);
    }
}

TEST(SigningKey, does_not_sign_a_comment_that_is_no_line) {
    const SigningKey key{Secret(key_file)};
    for (const std::string& wrong : {std::string("a\nb"), std::string("a\r"), std::string("\x1b[2J"),
                                     std::string(1, '\0'), std::string(8001, 'x')}) {
        EXPECT_EQ(answer([&] { std::ignore = key.sign(message, wrong); }).kind, Kind::bug);
    }
}

TEST(SigningKey, one_whose_password_was_taken_off_is_read_too) {
    const SigningKey key{Secret("untrusted comment: x\r\n" + opened_line)};
    EXPECT_EQ(check_signature(key.public_key(), message, key.sign(message, "")), "");
}

TEST(SigningKey, an_encrypted_one_is_refused_and_the_hint_says_how_to_get_another) {
    const Answer said = load("untrusted comment: minisign encrypted secret key\n" + encrypted_line + "\n");
    EXPECT_EQ(said.kind, Kind::config);
    EXPECT_NE(said.what.find("password"), std::string::npos);
    EXPECT_NE(said.hint.find("minisign -G -W"), std::string::npos);
}

TEST(SigningKey, every_changed_byte_of_the_pair_is_found) {
    const std::string bytes = base64_decode(key_line);
    for (std::size_t at = 62; at < 126; ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        const Answer said = load("untrusted comment: x\n" + base64_encode(changed) + "\n");
        EXPECT_EQ(said.kind, Kind::config) << at;
        EXPECT_EQ(said.what, "signing key: it is damaged");
    }
}

TEST(SigningKey, refuses_every_truncation) {
    for (std::size_t length = 0; length + 1 < key_file.size(); ++length)
        EXPECT_EQ(load(key_file.substr(0, length)).kind, Kind::config) << length;
}

TEST(SigningKey, foreign_text_is_refused_and_not_told) {
    for (const std::string& wrong : {std::string(), std::string("hunter2-hunter2"), key_line, key_file + "more",
                                     "untrusted comment: x\n" + public_key + "\n", first_line + signed_part}) {
        const Answer said = load(wrong);
        EXPECT_EQ(said.kind, Kind::config);
        EXPECT_EQ(said.what, "signing key: that is no secret key of minisign");
        EXPECT_NE(said.hint.find("minisign -G -W"), std::string::npos);
    }
}

}  // namespace
}  // namespace flowlet::stream
