// Puts the layers on top of each other, weakest first, and collects what is wrong.
#pragma once

#include "config/environments.h"
#include "config/layers.h"
#include "config/value.h"

namespace flowlet::config {

class Loader {
public:
    Loader(const host::Probe& probe, const Request& request) : probe_(probe), request_(request) {}
    Config load();
    /// What is known although load() failed.
    Config load_root(const Error& why);

private:
    [[nodiscard]] Lookup lookup() const;
    void apply_outer_files();
    void apply_local_file();
    void apply_file(const std::string& path, Layer layer);
    void read_locks(const yaml::Node& node);
    void check_locks();
    void apply(const std::vector<Written>& written, const Source& source);
    void apply_environments(const Environments& environments);
    void apply_protection(const Environments& environments);
    void inspect(const Environment& environment);
    void apply_fallbacks();
    void check_environment(const std::vector<std::string>& names) const;
    void check_version(const yaml::Node& document);

    const host::Probe& probe_;
    Request request_;
    Findings findings_;
    Config config_;
    Layers layers_;
    std::string shown_file_;
};

}  // namespace flowlet::config
