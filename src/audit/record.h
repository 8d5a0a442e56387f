// What a record says: from the actor, the plan and the report to JSON. docs/audit.md explains each key.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "audit/recent.h"
#include "flowlet/audit.h"
#include "flowlet/run.h"

namespace flowlet::audit {

/// A UUID of version 7, which ties the records of one run.
std::string make_id();

/// What all records of one run share: who, from where, what, on what.
Json describe_run(const Actor& actor, const plan::Plan& plan);

Json describe_intent(const Json& run);
Json describe_outcome(const Json& run, std::uint64_t intent, const run::Report& report);

/// The outcome of an intent whose process is gone.
Json describe_abandoned(const Json& run, const Json& intent);

/// Names torn bytes; who and from where are taken from the record that comes next.
Json describe_torn(const Torn& torn, const Json& next);

/// Made fit for the log: every text valid UTF-8 without controls, at most 60 000 bytes in all.
Json fit(Json record);

}  // namespace flowlet::audit
