#include <zlib.h>

#include <limits>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr int gzip_window = 15 + 16;  // zlib's way to say: a gzip header, the largest window
constexpr int memory_level = 8;

/// A stream that is ended whatever happens.
struct Deflater {
    z_stream state{};
    Deflater() {
        if (deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
            throw Error(Kind::failed, "gzip: out of memory");
        }
    }
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() { deflateEnd(&state); }
};

}  // namespace

std::string gzip(std::string_view bytes) {
    if (bytes.size() > std::numeric_limits<uInt>::max()) {
        throw Error(Kind::failed, "gzip: more than 4 GiB at once");
    }
    Deflater deflater;
    z_stream& state = deflater.state;
    std::string packed(deflateBound(&state, static_cast<uLong>(bytes.size())), '\0');
    std::string input(bytes);  // zlib's next_in is not const
    state.next_in = reinterpret_cast<Bytef*>(input.data());
    state.avail_in = static_cast<uInt>(input.size());
    state.next_out = reinterpret_cast<Bytef*>(packed.data());
    state.avail_out = static_cast<uInt>(packed.size());
    if (deflate(&state, Z_FINISH) != Z_STREAM_END) {
        throw Error(Kind::failed, "gzip: the compressor stopped early");
    }
    packed.resize(state.total_out);
    return packed;
}

}  // namespace flowlet::stream
