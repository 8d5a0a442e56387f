// evidence: the audit log as data: one record, the chain, what verification finds. Reads text, touches no file.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "flowlet/base.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::evidence {

/// The leaf hash of a line (RFC 6962 section 2.1): SHA-256 over 0x00 and the line's bytes without its newline, in hex.
/// What a record's `prev` carries of the record before it.
std::string leaf_hash(std::string_view line);

/// `prev` of the first record: 64 zeros.
std::string first_prev();

/// A record as one line: sorted keys, no spaces, ASCII keys, no newline at the end (the subset of RFC 8785 that is used
/// here).
std::string canonical(const nlohmann::json& record);

/// The record's line with its own checksum in it: `sum` is the SHA-256 of its canonical form without `sum`. It makes a
/// slip in the newest record visible, which no later record vouches for yet; whoever forges a record can forge it too.
std::string seal(nlohmann::json record);

/// One complete line of the log.
struct Record {
    std::uint64_t index = 0;  ///< `i`
    std::size_t offset = 0;   ///< of its first byte in the file
    std::string line;         ///< the raw bytes
    std::shared_ptr<const nlohmann::json> json;
};

/// What is wrong, at the first place where it is.
struct Fault {
    std::uint64_t index = 0;  ///< of the record, counted by lines from 0
    std::size_t offset = 0;
    std::string message;  ///< "its hash is not the one that the next record carries: the line was changed"
};

/// What a whole log says of itself.
struct Verification {
    std::vector<Record> records;  ///< the lines that are records; a line that is none is a fault instead
    std::vector<Fault> faults;    ///< empty: the chain holds
    std::string head;             ///< leaf hash of the last record; first_prev() when there is none
    bool torn_tail = false;  ///< bytes after the last newline: a writer was cut off; no fault, the next writer names it
    std::size_t open_intents = 0;  ///< intents without an outcome
};

/// Checks the chain: every line parses, is canonical, counts up by one, carries the hash of the one before; an outcome
/// names an earlier intent. A torn fragment is accepted only if the next record is a `recover` that names its offset,
/// length and hash.
Verification verify(std::string_view log);

}  // namespace flowlet::evidence
