// config: flowlet.yaml and what overrides it. Keys are declared once, in a table; every value knows where it came from.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowlet::config {

/// `words`: a list, or a single value, which is a list of one.
enum class Type { text, boolean, integer, duration, path, list, words, map };
inline bool is_list(Type type) {
    return type == Type::list || type == Type::words;
}

/// One row of the table of keys. `path` is dotted; "*" stands for any name: "databases.*.port". A "*" at the end takes
/// all that is left: "deploy.namespace_labels.flowlet.io/tier". A map is kept whole, as JSON text.
struct Key {
    std::string_view path;
    Type type;
    std::string_view fallback;  ///< as it would be written; empty: none
    std::string_view text;      ///< one sentence for docs and errors
    bool secret = false;
};
std::span<const Key> keys();

/// From weak to strong: the program's own default, /etc/flowletctl, the user's own file, flowlet.yaml, its chosen
/// environment, flowlet.local.yaml, FLOWLET_ variables, --set and flags.
enum class Layer { fallback, system, user, file, environment, local, variable, flag };
std::string_view name(Layer layer);

/// A value and where it came from: for a variable `place.file` is "FLOWLET_…", for a flag "--set …" or the flag's name.
/// `${NAME}` has been replaced by then, but a secret stays as it is written: a reference that is resolved where it is
/// used.
struct Value {
    std::string text;               ///< scalars, as written; a map as JSON
    std::vector<std::string> list;  ///< lists of scalars; an item that is a map as JSON
    Layer layer = Layer::fallback;
    Place place;
    bool reset = false;    ///< written as null: what weaker layers said does not count
    std::string raw = {};  ///< as it was written, where a variable stood in it
};
/// The variables that such a text refers to, in its order.
std::vector<std::string> variables_in(std::string_view raw);

struct Request {
    std::string root;         ///< --root: the folder of flowlet.yaml; empty: the nearest upward from the current folder
    std::string environment;  ///< --env; must be one of `environments`; empty: only what holds for all of them
    /// --set path=value and the flags that stand for a key, in order: {path, value, what the user typed}.
    struct Override {
        std::string path;
        std::string value;
        std::string typed;
    };
    std::vector<Override> overrides;
    bool environment_if_there = false;  ///< an environment that there is not counts as none
};

/// The configuration of one environment, after all layers.
class Config {
public:
    [[nodiscard]] const std::string& root() const { return root_; }
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::string& environment() const { return environment_; }
    [[nodiscard]] const std::vector<std::string>& environments() const { return environments_; }

    /// The value of a key, nullptr if it has none (and no fallback). A path that is in no table is a bug (Error{bug}).
    [[nodiscard]] const Value* find(std::string_view path) const;
    /// The value of a key that must be there; Error{config} names the key, the file and what to write.
    [[nodiscard]] const Value& require(std::string_view path) const;
    [[nodiscard]] std::string text(std::string_view path) const;  ///< empty if unset
    /// These three need a value, like require().
    [[nodiscard]] bool boolean(std::string_view path) const;
    [[nodiscard]] long integer(std::string_view path) const;
    [[nodiscard]] Millis duration(std::string_view path) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view path) const;  ///< empty if unset
    /// A path key relative to the project's root, made absolute; empty if unset. Two things stay as they are: a
    /// program's name without a slash (tools.*) and a URL (backup.store).
    [[nodiscard]] std::string path(std::string_view path) const;
    /// The names below a "*", in byte order: children("databases") → {"primary"}.
    [[nodiscard]] std::vector<std::string> children(std::string_view path) const;
    /// Every path that has a value, in byte order.
    [[nodiscard]] std::vector<std::string> paths() const;
    /// What every layer said of a key, the strongest first: the first one counts, unless it is a reset.
    [[nodiscard]] std::vector<Value> candidates(std::string_view path) const;
    /// Where the system layer locks this key: nobody else may set it. Nothing if it is free.
    [[nodiscard]] std::optional<Place> lock(std::string_view path) const;
    /// SHA-256 over every effective value and its path; secret values count as their references.
    [[nodiscard]] std::string digest() const;
    /// Why nothing but the root and the defaults is known: of a configuration that load_root() made.
    [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }

private:
    friend class Loader;
    std::string root_;
    std::string file_;
    std::string environment_;
    std::vector<std::string> environments_;
    std::map<std::string, Value, std::less<>> values_;
    std::map<std::string, std::vector<Value>, std::less<>> said_;  ///< of every layer, weakest first
    std::vector<std::pair<std::string, Place>> locks_;
    std::optional<Error> broken_;
};

/// How a secret is reached; its value is not part of the configuration.
struct Reference {
    enum class Source { written, variable, file, credential, kubernetes, program, terminal, named };
    Source source = Source::written;
    std::string name;  ///< the variable; the file, absolute; the credential; "namespace/name/key"; the question
    std::vector<std::string> command;  ///< of a program, whose output is the secret
    std::string message;               ///< of ${NAME:?message}
    Place place;
};
/// How the value of a secret key is reached, also through `secrets:`. Nothing if the key has no value. `written`: a
/// FLOWLET_ variable holds the value itself.
std::optional<Reference> find_reference(const Config& config, std::string_view path);
/// How secrets.NAME is reached; nothing if that says nothing.
std::optional<Reference> find_named(const Config& config, const std::string& name);

/// The key that a path names. Throws Error{usage} with the nearest one if there is none.
const Key& find(std::string_view path);
/// A value for people, on one line: of a secret only its reference, "***" if it is none.
std::string render(const Key& key, const Value& value);
/// The variable that stands for a path: deploy.timeout → FLOWLET_DEPLOY__TIMEOUT.
std::string variable_of(std::string_view path);

/// A path as a list holds it (`values`), made absolute by the project's root.
std::string absolute(const Config& config, std::string_view path);

/// Finds, reads and checks. Everything wrong is found at once: unknown keys (with did-you-mean), wrong types, duplicate
/// keys, a locked key that another layer sets, a file that others may write, an unknown `inherits` or a cycle of them,
/// an unknown FLOWLET_ variable, each with file:line:column, in one Error{config}. An unknown environment is
/// Error{usage}; no flowlet.yaml is Error{precondition}.
Config load(const host::Probe& probe, const Request& request);
/// For a command that has to work though the file is wrong: what load() throws as Error{config} becomes broken() of a
/// configuration that knows its root and the program's defaults only. All else is thrown on.
Config load_root(const host::Probe& probe, const Request& request);

}  // namespace flowlet::config
