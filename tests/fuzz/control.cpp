// Any bytes that come to a control socket → nothing yet, no request, or an ask that reads back the same.
#include "flowlet/services.h"
#include "fuzz/fuzz.h"
#include "host/callers.h"

namespace flowlet {
namespace {

void check_ask(const host::RequestHead& head) {
    const auto ask = services::parse_ask(head.method, head.path);
    if (!ask) return;
    const host::Request request = services::render_ask(*ask);
    fuzz::demand(request.method == head.method && request.path == head.path, "an ask is written in one way", head.path);
    for (const std::string& name : ask->services)
        fuzz::demand(!name.empty() && name.find_first_of("/.%,? ") == std::string::npos, "a name is harmless", name);
}

void check(std::string_view bytes) {
    const auto head = host::parse_request_head(bytes);
    const bool whole = bytes.find("\r\n\r\n") != std::string_view::npos;
    fuzz::demand(head.has_value() || !whole, "a whole head is answered");
    fuzz::demand(head.has_value() || bytes.size() < 8192, "a head without an end is not waited for");
    if (!head || head->method.empty()) return;
    fuzz::demand(head->path.starts_with('/'), "a path begins at the root", head->path);
    for (const char byte : head->method + head->path)
        fuzz::demand(byte > 0x20 && byte < 0x7f, "a request is plain", head->path);
    fuzz::demand(bytes.starts_with(head->method + " " + head->path + " HTTP/1."), "it stands there", head->path);
    check_ask(*head);
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = flowlet::fuzz::text_of(data, size);
    flowlet::check(bytes);
    // A path alone reaches what is behind the head.
    flowlet::check("POST /" + std::string(bytes) + " HTTP/1.1\r\n\r\n");
    return 0;
}
