#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "flowlet/helm.h"
#include "flowlet/stream.h"

namespace flowlet::helm {
namespace {

constexpr std::size_t release_limit = std::size_t{64} * 1024 * 1024;

std::string text(const nlohmann::json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const nlohmann::json& child(const nlohmann::json& object, const char* key) {
    static const nlohmann::json nothing;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : nothing;
}

/// Kubernetes wraps the value in base64, Helm wraps its gzipped JSON in base64 once more.
nlohmann::json decode(const nlohmann::json& secret) {
    const std::string packed = stream::base64_decode(stream::base64_decode(text(child(secret, "data"), "release")));
    const bool zipped = packed.size() > 2 && packed[0] == '\x1f' && packed[1] == '\x8b';
    return nlohmann::json::parse(zipped ? stream::gunzip(packed, release_limit) : packed);
}

Release read(const nlohmann::json& secret) {
    const nlohmann::json body = decode(secret);
    const nlohmann::json& info = child(body, "info");
    const nlohmann::json& metadata = child(child(body, "chart"), "metadata");
    Release release;
    release.name = text(body, "name");
    release.space = text(body, "namespace");
    release.revision = body.value("version", 0);
    release.status = text(info, "status");
    release.description = text(info, "description");
    release.updated = text(info, "last_deployed");
    release.chart = text(metadata, "name") + "-" + text(metadata, "version");
    release.app_version = text(metadata, "appVersion");
    release.manifest = text(body, "manifest");
    return release;
}

long number(const std::string& digits) {
    long value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

Release read_labels(const nlohmann::json& secret) {
    const nlohmann::json& metadata = child(secret, "metadata");
    const nlohmann::json& labels = child(metadata, "labels");
    Release release;
    release.name = text(labels, "name");
    release.space = text(metadata, "namespace");
    release.status = text(labels, "status");
    release.revision = static_cast<int>(number(text(labels, "version")));
    const std::string modified = text(labels, "modifiedAt");
    const std::string seconds = modified.empty() ? text(labels, "createdAt") : modified;
    if (const long stamp = number(seconds); stamp > 0) {
        release.updated = render_time(Time(std::chrono::seconds(stamp)));
    }
    return release;
}

template <typename Read>
std::vector<Release> read_all(std::string_view secret_list, Read read_one) {
    std::vector<Release> releases;
    try {
        const nlohmann::json list = nlohmann::json::parse(secret_list);
        for (const nlohmann::json& secret : child(list, "items")) {
            releases.push_back(read_one(secret));
        }
    } catch (const nlohmann::json::exception& error) {
        throw Error(Kind::failed, std::string("reading the releases that Helm stored: ") + error.what());
    }
    std::sort(releases.begin(), releases.end(),
              [](const Release& a, const Release& b) { return a.revision < b.revision; });
    return releases;
}

}  // namespace

std::string selector(const std::string& release, std::string_view status) {
    const std::string all = "owner=helm,name=" + release;
    return status.empty() ? all : all + ",status=" + std::string(status);
}

std::vector<Release> parse_labels(std::string_view secret_list) {
    return read_all(secret_list, read_labels);
}

std::vector<Release> parse_releases(std::string_view secret_list) {
    return read_all(secret_list, read);
}

bool is_pending(const Release& release) {
    return release.status.starts_with("pending-");
}

}  // namespace flowlet::helm
