#include <array>

#include "flowlet/config.h"

namespace flowlet::config {
namespace {

constexpr auto table = std::to_array<Key>({
    {"apiVersion", Type::text, "", "The version of this file's format: flowlet/v1"},
    {"locked", Type::list, "", "In /etc/flowletctl only: keys that no other layer may set, such as audit.**"},
    {"project", Type::text, "", "The name of the project"},

    {"environments.*.inherits", Type::text, "", "The environment whose values this one starts from"},
    {"environments.*.protected", Type::boolean, "false", "Whether changes to this environment ask for more care"},

    {"kube.context", Type::text, "", "The context of the kubeconfig that reaches the cluster"},
    {"kube.cluster_uid", Type::text, "", "The UID of the cluster's kube-system namespace; another cluster is refused"},
    {"kube.kubeconfig", Type::path, "", "The kubeconfig file; kubectl's own choice if unset"},
    {"namespace", Type::text, "", "The Kubernetes namespace of the release"},
    {"release", Type::text, "", "The name of the Helm release; the project's name if unset"},
    {"values", Type::list, "", "Helm values files, the later ones stronger"},

    {"deploy.chart", Type::path, "", "The folder of the Helm chart"},
    {"deploy.manifests", Type::path, "",
     "The folder of the manifests that are applied before the chart, a folder a tier"},
    {"deploy.timeout", Type::duration, "10m", "How long the workloads may take to become ready"},
    {"deploy.tiers", Type::list, "", "The order of the tiers; the folders of deploy.manifests in byte order if unset"},
    {"deploy.image_tag", Type::text, "", "The image tag that the chart is given"},
    {"deploy.sets", Type::list, "", "Single Helm values, each key=value"},
    {"deploy.history_max", Type::integer, "20", "How many revisions Helm keeps; 0 is all of them"},
    {"deploy.namespace_labels.*", Type::text, "", "A label for the namespaces that deploy itself creates"},

    {"databases.*.type", Type::text, "", "postgres or mysql"},
    {"databases.*.host", Type::text, "", "The host of the database, or the folder of its socket"},
    {"databases.*.port", Type::integer, "", "The port of the database"},
    {"databases.*.port_forward", Type::text, "",
     "What in the cluster leads to the database, such as service/postgresql: reached by kubectl port-forward"},
    {"databases.*.namespace", Type::text, "", "Where that is; the environment's namespace if unset"},
    {"databases.*.user", Type::text, "", "The user who logs in"},
    {"databases.*.name", Type::text, "", "The name of the database"},
    {"databases.*.password", Type::text, "", "A reference to the password, such as ${file:/run/secrets/db}", true},
    {"databases.*.secrets", Type::list, "",
     "The Kubernetes Secrets that hold this password, each NAMESPACE/NAME/KEY: what `secrets rotate` writes to"},
    {"databases.*.server", Type::text, "",
     "The workload that is the database itself, such as StatefulSet/data/postgresql: never restarted by a rotation"},

    {"secrets.*.env", Type::text, "", "The environment variable that holds the secret"},
    {"secrets.*.file", Type::path, "", "The file that holds the secret; one newline at its end does not count"},
    {"secrets.*.credential", Type::text, "", "The systemd credential (LoadCredential=) that holds the secret"},
    {"secrets.*.kubernetes", Type::text, "", "The Kubernetes Secret that holds it: NAMESPACE/NAME/KEY or NAME/KEY"},
    {"secrets.*.exec", Type::list, "", "A program and its arguments that prints the secret, such as [sops, -d, FILE]"},
    {"secrets.*.prompt", Type::text, "", "The question to ask a person at the terminal"},

    {"backup.store", Type::path, "", "The folder that backups are kept in"},
    {"backup.rate_limit", Type::integer, "", "How many MiB a second a backup reads from a database at most"},
    {"backup.offsite.bucket", Type::text, "", "Where every backup is copied to: s3://BUCKET or s3://BUCKET/PREFIX"},
    {"backup.offsite.endpoint", Type::text, "", "The address of the S3 service, such as https://s3.example.com"},
    {"backup.offsite.region", Type::text, "us-east-1", "The region that the S3 service signs for"},
    {"backup.offsite.access_key", Type::text, "",
     "The name of the access key: it needs to write and to read, not to delete"},
    {"backup.offsite.secret_key", Type::text, "",
     "A reference to the secret of the access key, such as ${file:/run/secrets/s3}", true},
    {"backup.offsite.lock", Type::duration, "",
     "For how long nobody may remove a copy (Object Lock, COMPLIANCE), such as 720h; the bucket must have been made "
     "for it"},
    {"backup.recipients", Type::list, "", "The age recipients that backups are encrypted to"},
    {"backup.databases", Type::list, "", "The names of `databases` that are backed up; all of them if unset"},
    {"backup.files.*.path", Type::path, "", "A folder that is backed up, too"},
    {"backup.files.*.exclude", Type::list, "",
     "Names in it that are left out; if unset: venv, .venv, node_modules and __pycache__"},
    {"backup.signing_key", Type::text, "",
     "A reference to the minisign key that signs backups (minisign -G -W), such as ${file:/etc/flowletctl/backup.key}",
     true},
    {"backup.signer", Type::text, "",
     "The minisign public key that backups are checked against; that of backup.signing_key if unset"},
    {"backup.identity", Type::text, "",
     "A reference to an age identity that can decrypt backups: on a machine that restores, never on one that backs up",
     true},
    {"backup.digests", Type::boolean, "true",
     "Whether every table is counted and digested in the state that is dumped, to compare a restored one with"},
    {"backup.timeout", Type::duration, "4h", "How long the dump of one database may take"},
    {"backup.schedule.via", Type::text, "",
     "What starts the backups that come by themselves: cron, systemd or kubernetes"},
    {"backup.schedule.at", Type::text, "", "When they come: the five fields of cron, or @daily and its like"},
    {"backup.schedule.nice", Type::integer, "10", "How much such a run gives way to others on its machine, 0 to 19"},
    {"backup.schedule.spread", Type::duration, "1m", "By how much systemd may put a run off, at random"},
    {"backup.schedule.program", Type::path, "",
     "The flowletctl that cron or systemd starts; the one that installs the schedule if unset"},
    {"backup.schedule.log", Type::path, "",
     "The file that a run of cron's writes what it says to; cron mails it if unset"},
    {"backup.schedule.units", Type::path, "",
     "The folder that the systemd units are only written to, for another machine or an image; systemd's own if unset"},
    {"backup.schedule.image", Type::text, "", "The image of the CronJob: flowletctl, age and PostgreSQL's programs"},
    {"backup.schedule.claim", Type::text, "", "The PersistentVolumeClaim that the CronJob keeps backup.store on"},
    {"backup.schedule.config_map", Type::text, "", "The ConfigMap with flowlet.yaml that the CronJob reads"},
    {"backup.schedule.secret", Type::text, "",
     "The Kubernetes Secret whose keys the CronJob finds as files in /run/secrets"},
    {"backup.alarm.webhook", Type::text, "",
     "A reference to the https address that is told of failures, such as ${file:/run/secrets/webhook}", true},
    {"backup.alarm.mail", Type::text, "", "The mail address that is told of failures"},
    {"backup.alarm.sendmail", Type::path, "/usr/sbin/sendmail", "The program that takes such a mail (-t -i)"},
    {"backup.alarm.command", Type::list, "",
     "A program and its arguments that is told of failures: it reads a JSON document"},
    {"backup.retention.keep_last", Type::integer, "", "How many of the newest backups are always kept"},
    {"backup.class", Type::text, "none",
     "How long the law keeps these backups: none, sec17a4-3y, sec17a4-6y, finra4511-6y or sox-7y"},
    {"backup.retention.hourly", Type::integer, "", "How many hourly backups are kept"},
    {"backup.retention.daily", Type::integer, "", "How many daily backups are kept"},
    {"backup.retention.weekly", Type::integer, "", "How many weekly backups are kept"},
    {"backup.retention.monthly", Type::integer, "", "How many monthly backups are kept"},
    {"backup.retention.yearly", Type::integer, "", "How many yearly backups are kept"},
    {"backup.drill.folder", Type::path, "/var/tmp", "Where the throw-away server of a drill has its data"},
    {"backup.drill.user", Type::text, "", "Who runs that server when root calls; postgres or mysql if unset"},
    {"backup.drill.checks", Type::list, "",
     "SQL statements that a drill asks the restored database; each must give true"},
    {"backup.retention.max_gap", Type::duration, "744h",
     "How far apart two backups may be before `backup prune` takes the clock for wrong"},
    {"backup.targets.rpo", Type::duration, "1h", "How much work a disaster may cost at most"},
    {"backup.targets.rto", Type::duration, "4h", "How long a restore may take at most"},

    {"services.*.command", Type::list, "", "The program of a local service and its arguments"},
    {"services.*.dir", Type::path, "", "The folder a local service runs in"},
    {"services.*.env_file", Type::words, "",
     "Files of NAME=value lines for its environment, relative to its folder; the later ones are stronger"},
    {"services.*.env.*", Type::text, "", "A variable of its environment, stronger than its files"},
    {"services.*.terminal", Type::boolean, "true",
     "Whether its output is a terminal, so that it is coloured and comes line by line, or a pipe"},
    {"services.*.after", Type::list, "", "The services that must be ready before"},
    {"services.*.ready.http", Type::text, "", "A URL that answers 2xx once the service is ready"},
    {"services.*.ready.tcp", Type::integer, "", "A port that accepts once the service is ready"},
    {"services.*.ready.exec", Type::list, "", "A program and its arguments that ends with 0 once the service is ready"},
    {"services.*.ready.log", Type::text, "", "What stands in a line of its output once the service is ready"},
    {"services.*.ready.postgres", Type::text, "",
     "A name of `databases`, or FOLDER:PORT of a socket: it takes logins once the service is ready"},
    {"services.*.ready.timeout", Type::duration, "1m", "How long the service may take to become ready"},
    {"services.*.ports", Type::words, "",
     "Ports that must be free before it is started and its own once it is ready; those of ready.http and ready.tcp "
     "count "
     "by themselves"},
    {"services.*.restart.policy", Type::text, "never",
     "Whether it is started again when it ends by itself: never, on-failure or always"},
    {"services.*.restart.budget", Type::integer, "5", "How often it is started again within restart.within"},
    {"services.*.restart.within", Type::duration, "1m", "The time in which restarts are counted"},
    {"services.*.stop.signal", Type::text, "TERM", "The signal that ends the service"},
    {"services.*.stop.grace", Type::duration, "10s", "How long the service may take to end; then it is killed"},
    {"services.*.stop.command", Type::list, "",
     "A program and its arguments that ends what the service keeps outside of its processes, run before the signal"},
    {"services.*.compose", Type::path, "", "A compose file whose project is this service, instead of a command"},
    {"logs.size", Type::integer, "16", "How many MiB a service's log may have before it is begun anew"},
    {"logs.older", Type::integer, "4", "How many of its older logs are kept"},

    {"setup.backend", Type::path, "", "The folder of the backend; backend or code/backend if unset"},
    {"setup.frontend", Type::path, "", "The folder of the frontend; web-frontend or code/web-frontend if unset"},
    {"setup.migrate", Type::list, "",
     "The program and its arguments that makes the tables of the database; Flask-Migrate or alembic if unset"},

    {"monitor.app_namespace", Type::text, "", "The namespace that is watched; `namespace` if unset"},
    {"monitor.mon_namespace", Type::text, "", "The namespace of Prometheus and its companions"},
    {"monitor.health", Type::list, "", "Health endpoints, each a map such as {http: URL}"},

    {"lint.tools.*", Type::map, "", "A linter and its settings"},

    {"audit.dir", Type::path, "", "The folder of the audit log; in the user's state folder if unset"},
    {"tools.*", Type::path, "", "The path of a program, or a name to look up in PATH"},
});

}  // namespace

std::span<const Key> keys() {
    return table;
}

std::string_view name(Layer layer) {
    switch (layer) {
        case Layer::fallback:
            return "default";
        case Layer::system:
            return "system";
        case Layer::user:
            return "user";
        case Layer::file:
            return "file";
        case Layer::environment:
            return "environment";
        case Layer::local:
            return "local";
        case Layer::variable:
            return "variable";
        case Layer::flag:
            return "flag";
    }
    return "";
}

}  // namespace flowlet::config
