#include "app/scrubbed.h"

namespace flowlet::app {
namespace {

/// Enough for any document to be scrubbed whole; a stream without end is passed on in such parts.
constexpr std::size_t most_kept = std::size_t{1} << 20U;

}  // namespace

Scrubbed::Scrubbed(std::ostream& out, const stream::Scrubber& scrubber)
    : out_(out), target_(out.rdbuf()), scrubber_(scrubber) {
    out_.rdbuf(this);
}

Scrubbed::~Scrubbed() {
    pass_on(kept_.size());
    target_->pubsync();
    out_.rdbuf(target_);
}

bool Scrubbed::pass_on(std::size_t count) {
    const std::string text = scrubber_.scrub(std::string_view(kept_).substr(0, count));
    kept_.erase(0, count);
    const auto size = static_cast<std::streamsize>(text.size());
    return target_->sputn(text.data(), size) == size;
}

Scrubbed::int_type Scrubbed::overflow(int_type letter) {
    if (traits_type::eq_int_type(letter, traits_type::eof())) return traits_type::not_eof(letter);
    const char byte = traits_type::to_char_type(letter);
    return xsputn(&byte, 1) == 1 ? letter : traits_type::eof();
}

std::streamsize Scrubbed::xsputn(const char* bytes, std::streamsize count) {
    kept_.append(bytes, static_cast<std::size_t>(count));
    if (kept_.size() <= most_kept) return count;
    // At the end of a line: a secret that is being written stays together.
    const std::size_t end = kept_.rfind('\n');
    return end == std::string::npos || pass_on(end + 1) ? count : 0;
}

int Scrubbed::sync() {
    return pass_on(kept_.size()) && target_->pubsync() == 0 ? 0 : -1;
}

}  // namespace flowlet::app
