#include "console/page.h"

namespace flowlet::console {

std::string render(const plan::Cause& cause, const Look& look) {
    Page page(look);
    const std::string colon = cause.object.empty() || cause.reason.empty() ? "" : ": ";
    page.line({0, sign(Sign::fail, look) + " ", Ink::red}, cause.object + colon + cause.reason, Ink::bold);
    if (!cause.container.empty()) page.line({2}, "container " + cause.container);
    page.lines({2}, cause.message);
    if (!cause.log.empty()) page.line({2}, "last lines of its log:");
    for (const std::string& line : cause.log)
        page.line({2, "| ", Ink::dim}, line);
    if (!cause.events.empty()) page.line({2}, "events:");
    for (const std::string& event : cause.events)
        page.line({4}, event);
    if (!cause.also.empty()) page.line({2, "also affected: "}, join(cause.also, ", "));
    if (!cause.next.empty()) page.lines({2, "next: ", Ink::bold}, cause.next);
    return page.take();
}

std::string render(const Error& error, const Look& look) {
    Page page(look);
    page.lines({0, "flowletctl: ", Ink::red}, error.what());
    page.lines({2, "hint: ", Ink::bold}, error.hint());
    return page.take();
}

}  // namespace flowlet::console
