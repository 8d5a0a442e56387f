// Buckets of an S3-compatible store. What each promises is said at Probe and Host.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

std::vector<Object> list_bucket(const Bucket& bucket, const std::string& prefix, const Interrupt* interrupt);
std::string read_from_bucket(const Bucket& bucket, const Object& object, std::size_t limit, const Interrupt* interrupt);
ObjectLock lock_in_bucket(const Bucket& bucket, const std::string& key, const Interrupt* interrupt);
void put_into_bucket(const NewObject& object, const Interrupt* interrupt);
int remove_from_bucket(const Bucket& bucket, const std::string& key, const std::string& version,
                       const Interrupt* interrupt);

/// From its first to its last byte, over as many connections as it takes. `take` says whether to go on.
void stream_from_bucket(const Bucket& bucket, const Object& object, const std::function<bool(std::string_view)>& take);

}  // namespace flowlet::host
