#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "flowlet/base.h"

namespace flowlet::kube::verdict {

/// What a Judge remembers of one goal between two judgements. What is not asked for in a judgement is forgotten by
/// forget_the_rest(): a signal that has gone starts anew, a pod that has gone leaves nothing.
class Notebook {
public:
    using Seen = std::map<std::string, Time>;
    using Told = std::map<std::string, std::vector<std::string>>;

    Notebook(Seen& seen, Told& told, std::string owner, Time now);
    /// Since when this signal has been seen without a gap.
    Time since(const std::string& key);
    /// Everything told under this key, oldest first, `text` included: once only, empty text never.
    const std::vector<std::string>& collect(const std::string& key, const std::string& text);
    /// The same, but a text is told again when another came between.
    const std::vector<std::string>& follow(const std::string& key, const std::string& text);
    void forget_the_rest();

private:
    std::vector<std::string>& page(const std::string& key);

    Seen& seen_;
    Told& told_;
    std::string owner_;
    Time now_;
    std::set<std::string> used_;
};

}  // namespace flowlet::kube::verdict
