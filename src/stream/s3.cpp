#include <algorithm>

#include "flowlet/stream.h"
#include "stream/sha256.h"

namespace flowlet::stream {

std::string encode_path(std::string_view path) {
    std::string text;
    std::size_t from = 0;
    for (std::size_t at = path.find('/'); at != std::string_view::npos; at = path.find('/', from)) {
        text += percent_encode(path.substr(from, at - from)) + '/';
        from = at + 1;
    }
    return text + percent_encode(path.substr(from));
}

std::string render_query(const std::vector<std::pair<std::string, std::string>>& query) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : query)
        parts.push_back(percent_encode(name) + '=' + percent_encode(value));
    std::sort(parts.begin(), parts.end());
    return join(parts, "&");
}

std::string render_amazon_time(Time time) {
    constexpr std::size_t to_seconds = 19;
    std::string text = render_time(time).substr(0, to_seconds);
    std::erase(text, '-');
    std::erase(text, ':');
    return text + 'Z';
}

std::string sign_s3(const S3Request& request, const std::string& region, const std::string& key_id,
                    const Secret& secret) {
    const std::string time = render_amazon_time(request.time);
    constexpr std::size_t to_day = 8;
    const std::string scope = time.substr(0, to_day) + '/' + region + "/s3/aws4_request";
    std::map<std::string, std::string> headers = request.headers;
    headers["x-amz-date"] = time;
    headers["x-amz-content-sha256"] = request.body_sha256;
    std::string lines;
    std::vector<std::string> names;
    for (const auto& [name, value] : headers) {
        lines += name + ':' + std::string(trim(value)) + '\n';
        names.push_back(name);
    }
    const std::string signed_names = join(names, ";");
    const std::string canonical = request.method + '\n' + request.path + '\n' + render_query(request.query) + '\n' +
                                  lines + '\n' + signed_names + '\n' + request.body_sha256;
    const std::string text = "AWS4-HMAC-SHA256\n" + time + '\n' + scope + '\n' + sha256_hex(canonical);
    Sha256 key = hmac("AWS4" + secret.reveal(), time.substr(0, to_day));
    for (const std::string& part : {region, std::string("s3"), std::string("aws4_request")})
        key = hmac(view(key), part);
    return "AWS4-HMAC-SHA256 Credential=" + key_id + '/' + scope + ",SignedHeaders=" + signed_names +
           ",Signature=" + hex(hmac(view(key), text));
}

}  // namespace flowlet::stream
