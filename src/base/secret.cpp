#include "flowlet/base.h"

#include <cstring>

namespace flowlet {
namespace {

// The whole capacity: a shorter value may have been assigned over a longer one.
void wipe(std::string& value) noexcept {
    value.resize(value.capacity());
    explicit_bzero(value.data(), value.size());
    value.clear();
}

}  // namespace

// Swapping leaves nothing of a short string behind in the source, as moving would.
Secret::Secret(std::string value) {
    value_.swap(value);
    wipe(value);
}

Secret::Secret(Secret&& other) noexcept {
    value_.swap(other.value_);
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
