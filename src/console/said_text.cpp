#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "console/text.h"
#include "flowlet/console.h"

namespace flowlet::console {
namespace {

constexpr std::size_t name_width = 10;
constexpr std::string_view reset = "\x1b[0m";

/// Six colours that can be read on dark and on light, by the name's bytes: the same in every run.
std::string_view color_of(std::string_view service) {
    constexpr std::array<std::string_view, 6> colors = {"\x1b[36m", "\x1b[33m", "\x1b[32m",
                                                        "\x1b[35m", "\x1b[34m", "\x1b[96m"};
    std::size_t sum = 0;
    for (const char letter : service)
        sum = sum * 31 + static_cast<unsigned char>(letter);
    return colors.at(sum % colors.size());
}

std::string prefix_of(const std::string& service, const Look& look) {
    const std::string name = pad(service, name_width) + " | ";
    return look.color ? std::string(color_of(service)) + name + std::string(reset) : name;
}

bool is_suspect(char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return (code < 0x20 && code != '\t') || code == 0x7f || code == 0xc2;
}

/// How long the sequence that sets a colour is at the front of this text: ESC [ digits and ';' m. 0: it is none.
std::size_t color_length(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    const std::size_t end = text.find_first_not_of("0123456789;:", 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

/// C1 controls in UTF-8 are two bytes; every other character that begins so stays.
bool is_harmless(std::string_view text) {
    return text.size() > 1 && text[0] == '\xc2' && static_cast<unsigned char>(text[1]) >= 0xa0;
}

void add_line(std::string& out, std::string_view line, const Look& look) {
    bool colored = false;
    while (!line.empty()) {
        const auto* const suspect = std::find_if(line.begin(), line.end(), is_suspect);
        const auto plain = static_cast<std::size_t>(suspect - line.begin());
        out.append(line.substr(0, plain));
        line.remove_prefix(plain);
        if (line.empty()) break;
        const std::size_t color = color_length(line);
        if (is_harmless(line)) {
            out.append(line.substr(0, 2));
            line.remove_prefix(2);
        } else if (color != 0) {
            if (look.color) out.append(line.substr(0, color));
            colored = colored || look.color;
            line.remove_prefix(color);
        } else {
            line.remove_prefix(escape_length(line));
        }
    }
    if (colored) out.append(reset);
    out += '\n';
}

class Output final : public run::Observer {
public:
    Output(std::ostream& out, const Look& look) : out_(out), look_(look) {}
    void begin(const plan::Plan& plan, Time now) override {
        (void)now;
        for (const plan::Step& step : plan.steps) {
            if (const auto* const keep = std::get_if<plan::Keep>(&step.action)) {
                prefixes_[step.id] = prefix_of(keep->service, look_);
            }
        }
    }
    void step_said(const run::StepReport& step, std::string_view lines) override {
        const std::string& prefix = prefixes_[step.id];
        text_.clear();
        while (!lines.empty()) {
            const std::size_t end = std::min(lines.find('\n'), lines.size());
            text_.append(prefix);
            add_line(text_, lines.substr(0, end), look_);
            lines.remove_prefix(std::min(end + 1, lines.size()));
        }
        out_ << text_ << std::flush;
    }

private:
    std::ostream& out_;
    Look look_;
    std::map<std::string, std::string> prefixes_;
    std::string text_;
};

}  // namespace

std::unique_ptr<run::Observer> make_output(std::ostream& out, const Look& look) {
    return std::make_unique<Output>(out, look);
}

std::string render(const plan::Said& said, const Look& look) {
    std::string text = prefix_of(said.service, look);
    add_line(text, said.line, look);
    return text;
}

}  // namespace flowlet::console
