// Any text as a manifest → objects with names that Kubernetes takes, or an Error with a place.
#include <nlohmann/json.hpp>

#include "flowlet/kube.h"
#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

constexpr const char* file = "f.yaml";

void check_object(const kube::Object& object) {
    fuzz::demand(object.place.file == file && object.place.line > 0, "an object has a place");
    fuzz::demand(!object.ref.name.empty() && !object.ref.kind.empty(), "an object has a kind and a name");
    const std::string shown = render(object.ref);
    fuzz::demand(printable(shown) == shown && shown.find('\n') == std::string::npos, "an object's name is one line",
                 shown);
    fuzz::demand(object.body && object.body->is_object(), "an object has a body");
    (void)object.body->dump();
    const auto resource = kube::find_resource(object.ref.api_version, object.ref.kind);
    if (!resource) return;
    const kube::Object placed = kube::place_in(object, *resource, "elsewhere");
    fuzz::demand(placed.ref.space.empty() != resource->namespaced, "a namespaced object is placed", shown);
    const std::string path = kube::object_path(*resource, placed.ref);
    fuzz::demand(path.starts_with("/api") && path.find_first_of(" \n?#") == std::string::npos, "a path is a path",
                 path);
}

void check(std::string_view text) {
    try {
        const std::vector<kube::Object> objects = kube::parse_manifests(text, file);
        for (const kube::Object& object : objects)
            check_object(object);
        kube::check_duplicates(objects);
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::config});
        fuzz::demand_place(error, file);
    }
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    flowlet::check(flowlet::fuzz::text_of(data, size));
    return 0;
}
