#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "app/session.h"
#include "flowlet/host.h"

namespace {

/// A closed descriptor 0–2 would be taken by the next file that is opened, and messages would land in it.
void open_closed_streams() {
    for (int descriptor = 0; descriptor <= 2; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) == -1) {
            const int opened = ::open("/dev/null", O_RDWR);
            if (opened != descriptor && opened >= 0) {
                ::dup2(opened, descriptor);
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    open_closed_streams();
    const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::unique_ptr<flowlet::host::Interrupt> interrupt = flowlet::host::install_interrupt();
    const std::unique_ptr<flowlet::host::Host> host = flowlet::host::make_host(interrupt.get());
    return flowlet::app::run(args, *host, interrupt.get());
}
