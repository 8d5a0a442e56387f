#include "flowlet/base.h"

#include <cstring>
#include <utility>

namespace flowlet {
namespace {

// The whole capacity: a shorter value may have been assigned over a longer one, and a short string that was moved from
// still holds its bytes.
void wipe(std::string& value) noexcept {
    value.resize(value.capacity());
    explicit_bzero(value.data(), value.size());
    value.clear();
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
    wipe(value);
}  // NOLINT(bugprone-use-after-move)

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
    wipe(other.value_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(value_);
        value_.swap(other.value_);
        wipe(other.value_);
    }
    return *this;
}

Secret::~Secret() {
    wipe(value_);
}

}  // namespace flowlet
