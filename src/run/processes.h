// Performs what ends processes, and what starts one that goes on by itself.
#pragma once

#include "flowlet/run.h"

namespace flowlet::run {

class Processes {
public:
    explicit Processes(host::Host& host) : host_(host) {}
    Result act(const plan::End& end, const Waiting& waiting);
    Result act(const plan::Detach& detach);

private:
    host::Host& host_;
};

}  // namespace flowlet::run
