#include "alarm/event.h"

#include <gtest/gtest.h>

#include "alarm/channels.h"

namespace flowlet::alarm {
namespace {

nlohmann::json document(const std::string& message, const std::string& project = "shop") {
    return {{"id", "run-1"},        {"event", "failed"},   {"command", "backup"},
            {"project", project},   {"job", "production"}, {"host", "ops-1"},
            {"message", message},   {"hint", "start it"},  {"at", "2026-11-21T19:12:03.000000Z"},
            {"backup", nullptr},    {"code", "failed"},    {"since", "2026-11-21T19:12:03.000000Z"},
            {"user", "ana\nBcc: x"}};
}

std::string header_of(const std::string& mail) {
    return mail.substr(0, mail.find("\n\n"));
}

TEST(Mail, is_one_that_sendmail_takes) {
    const std::string mail = render_mail(document("it broke"), "ops@example.com");
    EXPECT_EQ(header_of(mail),
              "To: ops@example.com\n"
              "Subject: shop (production): backup failed\n"
              "Date: Sat, 21 Nov 2026 19:12:03 +0000\n"
              "Message-ID: <run-1.flowletctl@ops-1>\n"
              "Auto-Submitted: auto-generated\n"
              "MIME-Version: 1.0\n"
              "Content-Type: text/plain; charset=utf-8\n"
              "Content-Transfer-Encoding: 8bit");
    EXPECT_NE(mail.find("\n\nbackup of shop (production) on ops-1 failed: it broke\n\nwhat to do: start it\n"),
              std::string::npos);
}

TEST(Mail, nothing_can_add_a_line_to_its_header) {
    for (const std::string evil :
         {"a\nBcc: thief@example.com", "a\r\nBcc: thief@example.com", "a\n\nbody", "ü\x85\x0b"}) {
        nlohmann::json told = document(evil, evil);
        for (const char* const key : {"command", "job", "host", "id"})
            told[key] = evil;
        const std::vector<std::string> lines = split(header_of(render_mail(told, evil)), '\n');
        EXPECT_EQ(lines.size(), 8U) << evil;
        for (const std::string& line : lines)
            EXPECT_TRUE(!line.starts_with("Bcc") && line.find('\r') == std::string::npos) << line;
    }
}

struct AddressRow {
    const char* text;
    const char* server;  ///< empty: refused
    const char* path;
};

TEST(Address, of_a_webhook) {
    const std::vector<AddressRow> rows = {
        {"https://hooks.example.com/a/b?c=d", "https://hooks.example.com", "/a/b?c=d"},
        {"https://hooks.example.com", "https://hooks.example.com", "/"},
        {"https://hooks.example.com:8443?c", "https://hooks.example.com:8443", "/?c"},
        {"http://localhost:9/x", "http://localhost:9", "/x"},
        {"http://127.0.0.1/x", "http://127.0.0.1", "/x"},
        {"http://[::1]:80/x", "http://[::1]:80", "/x"},
        {"http://hooks.example.com/x", "", ""},
        {"http://127.example.com/x", "", ""},
        {"http://localhost.example.com/x", "", ""},
        {"http://[::1].example.com/x", "", ""},
        {"https://user:token@hooks.example.com/x", "", ""},
        {"https://", "", ""},
        {"ftp://hooks.example.com/x", "", ""},
        {"hooks.example.com/x", "", ""},
        {"", "", ""},
        {"https://hooks.example.com/a b", "", ""},
        {"https://hooks.example.com/a\nb", "", ""},
        {"https://hooks.example.com/a#b", "", ""},
        {"https://hooks.example.com\\@x/a", "", ""},
    };
    for (const AddressRow& row : rows) {
        try {
            const Address found = parse_address(row.text);
            EXPECT_EQ(found, (Address{row.server, row.path})) << row.text;
        } catch (const Error& error) {
            EXPECT_STREQ(row.server, "") << row.text;
            EXPECT_EQ(std::string(error.what()).find("example"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace flowlet::alarm
