#include <gtest/gtest.h>

#include <random>

#include "flowlet/kube.h"
#include "unit/kube/live_objects.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

/// Changes random places of a value to random things, always the same for the same seed.
class Mutation {
public:
    explicit Mutation(unsigned seed) : random_(seed) {}

    json change(json value) {
        for (std::size_t count = 1 + pick(4); count > 0; --count)
            strike(value);
        return value;
    }
    std::string change(std::string text) {
        for (std::size_t count = 1 + pick(8); count > 0 && !text.empty(); --count) {
            text[pick(text.size())] = static_cast<char>(static_cast<unsigned char>(pick(256)));
        }
        return text;
    }

private:
    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

    json strange() {
        static const json values =
            json::parse(R"([null, true, 0, -1, 1e300, 18446744073709551615, "", "a", "\u0000", "k:{", "k:",
            "k:[]", "v:", "i:x", ".", {}, [], [[]], [{}], {"": {}}, {".": {}}, {"f:": {}}, {"k:{}": {}}, {"k:{\"name\":1}": {}},
            {"v:{": {}}, {"i:99999999999999999999": {}}, [{"name": null}], [{"name": "a"}, {"name": "a"}], {"f:spec": null}])");
        return values[pick(values.size())];
    }

    void strike(json& value) {
        if (!value.is_structured() || value.empty() || pick(6) == 0) {
            value = strange();
            return;
        }
        auto member = value.begin();
        std::advance(member, static_cast<std::ptrdiff_t>(pick(value.size())));
        strike(*member);
    }

    std::mt19937 random_;
};

constexpr unsigned rounds = 100;

TEST(Hostile, owned_by_takes_any_json) {
    for (const json& live : live_objects()) {
        for (unsigned seed = 0; seed < rounds; ++seed) {
            const json mutant = Mutation(seed).change(live);
            const json manifest = owned_by(mutant, "flowletctl");
            EXPECT_TRUE(manifest["metadata"].is_object());
            EXPECT_TRUE(manifest["kind"].is_string());
        }
    }
}

TEST(Hostile, canonical_takes_any_json_and_is_done_after_once) {
    for (const json& live : live_objects()) {
        for (unsigned seed = 0; seed < rounds; ++seed) {
            const json once = canonical(Mutation(seed).change(live));
            EXPECT_EQ(canonical(once), once);
        }
    }
}

TEST(Hostile, there_are_differences_exactly_where_objects_differ) {
    for (const json& live : live_objects()) {
        const json before = canonical(live);
        for (unsigned seed = 0; seed < rounds; ++seed) {
            const json after = Mutation(seed).change(before);
            EXPECT_EQ(differences(before, after).empty(), before == after) << after;
            EXPECT_EQ(differences(after, before).empty(), before == after) << after;
            EXPECT_TRUE(differences(after, after).empty());
        }
    }
}

TEST(Hostile, a_mutated_secret_never_shows_its_values) {
    const json secret = canonical(live_object("Secret"));
    for (unsigned seed = 0; seed < rounds; ++seed) {
        json after = Mutation(seed).change(secret["data"]);
        json object = secret;
        object["data"] = after;
        for (const Difference& difference : differences(secret, object)) {
            for (const std::string& text : {difference.before, difference.after}) {
                EXPECT_TRUE(text.empty() || text.starts_with("***(") || text == "{}" || text == "[]") << text;
            }
        }
    }
}

TEST(Hostile, a_mutated_manifest_is_read_or_refused) {
    unsigned read = 0;
    for (const json& live : live_objects()) {
        for (unsigned seed = 0; seed < rounds / 8; ++seed) {
            const std::string text = Mutation(seed).change(canonical(live)).dump();
            for (const std::string& mutant : {text, Mutation(seed).change(text)}) {
                try {
                    for (const Object& object : parse_manifests(mutant, "a.json")) {
                        EXPECT_FALSE(object.ref.name.empty());
                        EXPECT_TRUE(object.body->is_object());
                        ++read;
                    }
                } catch (const Error& error) {
                    EXPECT_EQ(error.kind(), Kind::config) << error.what();
                }
            }
        }
    }
    EXPECT_GT(read, 0U);
}

TEST(Hostile, refusals_and_discovery_take_any_text) {
    const std::string status = R"({"kind": "Status", "reason": "Conflict", "message": "m", "code": 409})";
    const std::string kinds = R"({"resources": [{"name": "pods", "kind": "Pod", "namespaced": true}]})";
    for (unsigned seed = 0; seed < rounds; ++seed) {
        EXPECT_EQ(parse_refusal({409, Mutation(seed).change(status)}).code, 409);
        try {
            EXPECT_LE(parse_discovery("v1", Mutation(seed).change(kinds)).size(), 1U);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::failed);
        }
    }
}

}  // namespace
}  // namespace flowlet::kube
