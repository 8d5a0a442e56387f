// Buckets of S3-compatible stores.
#pragma once

#include "flowlet/base.h"

#include <cstdint>
#include <optional>
#include <string>

namespace flowlet::host {

/// A bucket of an S3-compatible store, addressed by path: "https://host/bucket/key". Plain http is for this machine
/// only: another is Error{config}. The secret goes into signatures (AWS Signature Version 4) and nowhere else.
struct Bucket {
    std::string endpoint;  ///< "https://s3.eu-central-1.example.com"
    std::string region;
    std::string name;
    std::string key_id;
    Secret secret;
};

/// The first version of an object: what somebody has put over it since, or a mark that it is removed, changes nothing.
struct Object {
    std::string key;
    std::string version;  ///< "null" where the bucket keeps none; empty: the newest, whichever that is
    std::uint64_t bytes = 0;
};

/// What keeps an object from being removed, as the store tells it.
struct ObjectLock {
    std::string mode;  ///< "COMPLIANCE", "GOVERNANCE"; empty: nothing does
    Time until{};
    std::string version;  ///< empty: the bucket keeps no versions
};

/// A file that becomes an object: in parts, each with its SHA-256, four at a time. Where `locked_until` is given,
/// nobody may remove or replace it before (Object Lock, COMPLIANCE).
struct NewObject {
    Bucket bucket;
    std::string key;
    std::string path;
    std::optional<Time> locked_until;
};

}  // namespace flowlet::host
