#include "samples.h"

namespace flowlet::console {
namespace {

TEST(CauseText, it_is_read_from_the_object_to_what_mends_it) {
    EXPECT_EQ(render(crash(), unicode()),
              "✖ Deployment/wallet in flowlet-core: CrashLoopBackOff\n"
              "  container wallet\n"
              "  the container exits with status 1 a second after it starts\n"
              "  last lines of its log:\n"
              "  | reading settings\n"
              "  |   panic: no DATABASE_URL\n"
              "  events:\n"
              "    Warning BackOff: back-off restarting failed container\n"
              "  also affected: Deployment/payments in flowlet-core\n"
              "  next: kubectl -n flowlet-core logs deploy/wallet --previous\n");
}

TEST(CauseText, what_is_unknown_is_left_out) {
    plan::Cause cause;
    cause.reason = "HelmFailed";
    cause.message = "Error: timed out\nsecond line";
    EXPECT_EQ(render(cause, plain()), "FAIL HelmFailed\n  Error: timed out\n  second line\n");
}

TEST(CauseText, nothing_foreign_steers_the_terminal) {
    const plan::Cause cause{hostile, hostile, hostile, hostile, {hostile}, {hostile}, {hostile}, hostile};
    EXPECT_TRUE(is_tame(render(cause, plain())));
    EXPECT_TRUE(is_tame(render(cause, terminal(20))));
}

TEST(CauseText, an_error_is_a_line_each_and_then_the_hint) {
    EXPECT_EQ(render(Error(Kind::config, "flowlet.yaml:1:1: a\nflowlet.yaml:2:1: b", "mend it"), plain()),
              "flowletctl: flowlet.yaml:1:1: a\n"
              "flowletctl: flowlet.yaml:2:1: b\n"
              "  hint: mend it\n");
    EXPECT_EQ(render(Error(Kind::failed, "x"), plain()), "flowletctl: x\n");
    EXPECT_TRUE(is_tame(render(Error(Kind::failed, hostile, hostile), plain())));
}

}  // namespace
}  // namespace flowlet::console
