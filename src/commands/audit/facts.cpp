#include "commands/audit/audit.h"

namespace flowlet::commands::audit {

Facts observe(const Session& session) {
    if (session.audit_folder.empty()) {
        throw Error(Kind::precondition, "there is no place for an audit log: HOME is not set",
                    "--env, or audit.dir in flowlet.yaml, may name one");
    }
    Facts facts;
    facts.path = session.audit_folder + "/log.jsonl";
    if (session.probe.file_info(facts.path).type == host::FileType::none) {
        throw Error(Kind::precondition, "there is no audit log at " + facts.path,
                    "nothing was recorded there yet; --env or audit.dir in flowlet.yaml may name another folder");
    }
    facts.text = session.probe.read_file(facts.path, std::size_t{1} << 30U);
    return facts;
}

}  // namespace flowlet::commands::audit
