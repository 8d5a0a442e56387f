#include <algorithm>
#include <array>

#include "commands/init/services.h"
#include "flowlet/yaml.h"

namespace flowlet::commands::init {
namespace {

struct Brand {
    std::string_view image;
    std::string_view type;
    std::string_view user;  ///< the variable that names it
    std::string_view name;
};
constexpr auto brands = std::to_array<Brand>({
    {"postgres", "postgres", "POSTGRES_USER", "POSTGRES_DB"},
    {"postgis", "postgres", "POSTGRES_USER", "POSTGRES_DB"},
    {"timescaledb", "postgres", "POSTGRES_USER", "POSTGRES_DB"},
    {"mysql", "mysql", "MYSQL_USER", "MYSQL_DATABASE"},
    {"mariadb", "mysql", "MARIADB_USER", "MARIADB_DATABASE"},
});

bool is_compose(const std::string& name) {
    const bool yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    return yaml && (name.starts_with("docker-compose") || name == "compose.yml" || name == "compose.yaml");
}

std::string text_of(const yaml::Node* node) {
    return node == nullptr ? "" : node->scalar;
}

/// "docker.io/library/postgres:15" is postgres.
const Brand* brand_of(const yaml::Node& service) {
    std::string image = text_of(service.find("image"));
    image = image.substr(image.rfind('/') + 1);
    image = image.substr(0, image.find_first_of(":@"));
    const auto* const found =
        std::find_if(brands.begin(), brands.end(), [&](const Brand& brand) { return image == brand.image; });
    return found == brands.end() ? nullptr : found;
}

bool is_plain_word(const std::string& text) {
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

/// One variable of a service, written as a map or as NAME=value; only a plain word, for "${NAME}" is known to compose
/// alone.
std::string variable(const yaml::Node& service, std::string_view name) {
    const yaml::Node* const all = service.find("environment");
    if (all == nullptr) return "";
    std::string value = text_of(all->find(name));
    const std::string start = std::string(name) + "=";
    for (const yaml::Node& item : all->items) {
        if (item.scalar.starts_with(start)) value = item.scalar.substr(start.size());
    }
    return is_plain_word(value) ? value : "";
}

/// "127.0.0.1:5433:5432" → "5433".
std::string published_port(const yaml::Node& service) {
    const yaml::Node* const ports = service.find("ports");
    if (ports == nullptr || ports->items.empty()) return "";
    const std::vector<std::string> parts = split(ports->items.front().scalar, ':');
    if (parts.size() < 2) return "";
    const std::string& port = parts[parts.size() - 2];
    const bool number = port.find_first_not_of("0123456789") == std::string::npos;
    const bool fits = number && !port.empty() && port.size() <= 5 && port.front() != '0' && std::stol(port) <= 65535;
    return fits ? port : "";
}

std::optional<Database> database_in(const yaml::Node& document, const std::string& file) {
    const yaml::Node* const services = document.find("services");
    if (services == nullptr) return std::nullopt;
    for (const auto& [name, service] : services->entries) {
        const Brand* const brand = brand_of(service);
        if (brand == nullptr) continue;
        return Database{std::string(brand->type), published_port(service), variable(service, brand->user),
                        variable(service, brand->name), file};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Database> find_database(Folder& folder) {
    for (const std::string& name : folder.names("")) {
        if (!is_compose(name)) continue;
        try {
            for (const yaml::Node& document : yaml::parse_documents(folder.text(name), name, yaml::OldBooleans::text)) {
                if (auto found = database_in(document, name)) return found;
            }
        } catch (const Error& error) {
            folder.note("nothing was taken from " + std::string(error.what()));
        }
    }
    return std::nullopt;
}

}  // namespace flowlet::commands::init
