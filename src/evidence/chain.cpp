#include <nlohmann/json.hpp>

#include "flowlet/evidence.h"
#include "flowlet/stream.h"

namespace flowlet::evidence {

std::string leaf_hash(std::string_view line) {
    std::string leaf(1, '\0');
    leaf += line;
    return stream::sha256_hex(leaf);
}

std::string first_prev() {
    return std::string(64, '0');
}

std::string canonical(const nlohmann::json& record) {
    return record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string seal(nlohmann::json record) {
    record.erase("sum");
    record["sum"] = stream::sha256_hex(canonical(record));
    return canonical(record);
}

}  // namespace flowlet::evidence
