// The manual: a page a command and one for flowlet.yaml, made of the tables that parse the line and read the file.
#pragma once

#include <string>
#include <vector>

#include "app/out.h"
#include "flowlet/console.h"
#include "flowlet/host.h"

namespace flowlet::app {

/// flowletctl.1, flowletctl-deploy.1, flowletctl-deploy-history.1 …, flowlet.yaml.5, in this order.
std::vector<console::ManPage> make_manual(const std::string& date);

/// "__man" prints the first page; "__man FOLDER" writes all of them there. For those who make packages: the date is
/// that of SOURCE_DATE_EPOCH, if it is set.
void write_manual(const std::vector<std::string>& args, host::Host& host, Out& out);

}  // namespace flowlet::app
