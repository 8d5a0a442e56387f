// Performs what is done to buckets.
#pragma once

#include "flowlet/run.h"

namespace flowlet::run {

class Objects {
public:
    explicit Objects(host::Host& host) : host_(host) {}
    Result act(const plan::Upload& upload, const Waiting& waiting);
    Result act(const plan::ProveLock& proof, const Waiting& waiting);

private:
    host::Host& host_;
};

}  // namespace flowlet::run
