// Performs what is done to files and folders.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "flowlet/run.h"

namespace flowlet::run {

class Files {
public:
    explicit Files(host::Host& host) : host_(host) {}
    Result act(const plan::Write& write);
    Result act(const plan::Erase& erase);
    Result act(const plan::Amend& amend);
    Result act(const plan::Claim& claim);
    Result act(const plan::Release& release);
    Result act(const plan::MakeFolder& folder);
    Result act(const plan::Clear& clear);
    Result act(const plan::Publish& publish);
    Result act(const plan::Compose& compose);

private:
    host::Host& host_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<host::FileLock>> held_;
};

}  // namespace flowlet::run
