// The command line as a table: what parsing, help, completion and the manual are made of.
#pragma once

#include <map>
#include <memory>

#include "app/line.h"
#include "flowlet/console.h"

namespace CLI {
class App;
}

namespace flowlet::app {

/// Every command and flag. Parsing with it fills in `line`, which outlives it.
std::shared_ptr<CLI::App> make_grammar(Line& line);

/// The words of -o and --color.
const std::map<std::string, console::Format>& formats();
const std::map<std::string, console::Color>& colors();

/// The same as plain data, without what is hidden.
console::Command describe(const CLI::App& grammar);

}  // namespace flowlet::app
