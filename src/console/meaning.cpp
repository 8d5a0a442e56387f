#include "flowlet/console.h"

namespace flowlet::console {

std::string_view meaning(Kind kind) {
    switch (kind) {
        case Kind::ok:
            return "done, or nothing to do";
        case Kind::failed:
            return "it was tried and failed; what was changed is taken back unless the output says otherwise";
        case Kind::usage:
            return "the command line is wrong";
        case Kind::config:
            return "flowlet.yaml, a manifest or a values file is wrong";
        case Kind::denied:
            return "permission or approval is missing";
        case Kind::precondition:
            return "something that has to be there is not: a cluster, a project, a deploy on record";
        case Kind::conflict:
            return "somebody else is at it";
        case Kind::audit_unavailable:
            return "the audit log cannot be written: nothing was done";
        case Kind::unaudited:
            return "done, but the outcome is not in the audit log";
        case Kind::verification:
            return "a verification failed: the audit log was changed, a record is damaged";
        case Kind::pending:
            return "changes are pending";
        case Kind::findings:
            return "findings of a linter";
        case Kind::unhealthy:
            return "a workload or a service is not ready";
        case Kind::tool_missing:
            return "a program is missing or too old";
        case Kind::tool_failed:
            return "a program failed before anything was changed";
        case Kind::partial:
            return "done in part";
        case Kind::timeout:
            return "it took too long";
        case Kind::cancelled:
            return "said no at a prompt";
        case Kind::bug:
            return "a bug in flowletctl";
        case Kind::interrupted:
            return "asked to stop by SIGINT; what was changed is taken back";
        case Kind::terminated:
            return "asked to stop by SIGTERM; what was changed is taken back";
    }
    return "";
}

}  // namespace flowlet::console
