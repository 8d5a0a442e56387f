// What the fuzz programs share: how an input is cut into parts, and how a broken promise ends the program.
#pragma once

#include "flowlet/base.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

/// What libFuzzer, and the replay of the corpus, call with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace flowlet::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Says which promise was broken and ends the program, so that the input is kept.
void demand(bool holds, std::string_view promise, std::string_view detail = {});

/// The parts of an input: what stands between the lines "%%".
std::vector<std::string> parts_of(std::string_view input);

/// A part that may be missing.
std::string part(const std::vector<std::string>& parts, std::size_t index);

/// NAME=value lines, as pairs.
std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view lines);

bool is_utf8(std::string_view text);

/// What was said about foreign text: one of these kinds, in words, on lines that can be shown as they are.
void demand_answer(const Error& error, std::initializer_list<Kind> kinds);

/// The same for an error that names a place in `file` on its one line.
void demand_place(const Error& error, std::string_view file);

}  // namespace flowlet::fuzz
