#include "commands/backup/copies.h"

#include <algorithm>

#include "commands/backup/digests.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {

void check_copy_name(const std::string& name) {
    const bool plain = !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
    });
    if (plain && name.front() != '-') return;
    throw Error(Kind::usage, printable(name) + " is no name that a copy of a database can have",
                "letters, digits, '_' and '-', at most 63");
}

const DatabaseRecord& find_record(const Manifest& manifest, const std::string& wanted) {
    std::vector<std::string> names;
    for (const DatabaseRecord& record : manifest.databases) {
        if (record.name == wanted || (wanted.empty() && manifest.databases.size() == 1)) return record;
        names.push_back(record.name);
    }
    if (wanted.empty()) {
        throw Error(Kind::usage, "backup " + manifest.id + " holds several databases: " + join(names, ", "),
                    "--database names one of them");
    }
    const auto near = did_you_mean(wanted, names);
    throw Error(Kind::precondition, "backup " + manifest.id + " holds no database " + printable(wanted),
                near ? "did you mean " + *near + "?" : "it holds " + join(names, ", "));
}

host::Database find_copy(const Session& session, const std::string& database, const std::string& name) {
    host::Database copy = read_login(session, database);
    copy.name = name;
    return copy;
}

plan::Survey compare_copy(const Dialect& dialect, const host::Database& copy, const DatabaseRecord& record) {
    plan::Survey survey = dialect.survey(copy, [record](const std::vector<TableDigest>& found) {
        constexpr std::size_t most = 10;
        const std::vector<std::string> differences = compare(record.tables, found, most);
        if (differences.empty()) return std::optional<plan::Cause>();
        plan::Cause cause;
        cause.object = "database " + record.name;
        cause.reason = "DataDiffer";
        cause.message = "the data are not what was backed up: " + join(differences, "; ");
        return std::optional(cause);
    });
    survey.unfit = Kind::verification;
    return survey;
}

}  // namespace flowlet::commands::backup
