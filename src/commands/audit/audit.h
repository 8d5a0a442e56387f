// audit: reads the log of who did what, and proves that nobody changed it.
#pragma once

#include <string>

#include "flowlet/commands.h"
#include "flowlet/evidence.h"
#include "flowlet/plan.h"

namespace flowlet::commands::audit {

void declare(CLI::App& part, Invocation& invocation);

struct Options {
    std::size_t last = 20;  ///< how many records to show; 0: all
};

/// The log's text, and where it is.
struct Facts {
    std::string path;
    std::string text;
};
/// Throws Error{precondition} if there is no log.
Facts observe(const Session& session);

/// Records as rows, newest last. The verdict says nothing of the chain: that is verify's word.
plan::View view_records(const Facts& facts, const Options& options);
/// The verdict is `verification` (exit 9) when the chain is broken.
plan::View view_verification(const Facts& facts);

}  // namespace flowlet::commands::audit
