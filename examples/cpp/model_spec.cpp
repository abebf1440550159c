// OpenCV does not hand out a model's metadata, so it is taken from the file. An .onnx file is a protobuf message, of
// which only what is asked for is walked.

#include "model_spec.hpp"

#include <cstdint>
#include <locale>
#include <map>
#include <sstream>
#include <stdexcept>

namespace {

// Fields of ModelProto, GraphProto and NodeProto; an entry of the metadata is a message of key (1) and value (2).
constexpr std::uint64_t kGraph = 7, kMetadataProps = 14, kNode = 1, kOpType = 4;
const std::string kMetadataKey = "edge_digits";

class Message {
  public:
    Message(const unsigned char* begin, std::size_t size) : at_(begin), end_(begin + size) {}

    // Step to the next field; false at the end. Only fields with a length have a value.
    bool next() {
        if (at_ == end_) return false;
        const std::uint64_t tag = varint();
        field = tag >> 3;
        std::uint64_t length = 0;
        switch (tag & 7) {
            case 0: varint(); break;
            case 1: length = 8; break;
            case 2: length = varint(); break;
            case 5: length = 4; break;
            default: damaged();
        }
        if (length > static_cast<std::uint64_t>(end_ - at_)) damaged();
        value = at_;
        size = (tag & 7) == 2 ? length : 0;
        at_ += length;
        return true;
    }

    std::string text() const { return {reinterpret_cast<const char*>(value), size}; }

    std::uint64_t field = 0;
    const unsigned char* value = nullptr;
    std::size_t size = 0;

  private:
    [[noreturn]] static void damaged() { throw std::runtime_error("is no .onnx file, or is cut off"); }

    std::uint64_t varint() {
        std::uint64_t result = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at_ == end_) damaged();
            const unsigned char byte = *at_++;
            result |= static_cast<std::uint64_t>(byte & 127) << shift;
            if (byte < 128) return result;
        }
        damaged();
    }

    const unsigned char* at_;
    const unsigned char* end_;
};

std::string document(const std::vector<unsigned char>& model) {
    for (Message outer(model.data(), model.size()); outer.next();) {
        if (outer.field != kMetadataProps) continue;
        std::string key, value;
        for (Message entry(outer.value, outer.size); entry.next();) {
            if (entry.field == 1) key = entry.text();
            if (entry.field == 2) value = entry.text();
        }
        if (key == kMetadataKey) return value;
    }
    throw std::runtime_error("has no metadata \"" + kMetadataKey + "\"; give a model of edge-digits");
}

// Key -> value as it is written, of the outermost object of a JSON document. OpenCV's own parser knows no null.
std::map<std::string, std::string> members(const std::string& json) {
    std::map<std::string, std::string> found;
    std::string key, token;
    int depth = 0;
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char here = json[at];
        if (here == '"') {  // a string to its end, so that what it holds is not taken for structure
            const std::size_t start = at++;
            while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
            token += json.substr(start, at - start + 1);
            continue;
        }
        const bool opens = here == '{' || here == '[', closes = here == '}' || here == ']';
        if (opens && depth++ == 0) continue;
        if ((closes && --depth == 0) || (here == ',' && depth == 1)) {
            found[key] = token;
            token.clear();
        } else if (here == ':' && depth == 1) {
            key = token;
            token.clear();
        } else if (here != ' ' && here != '\n') {
            token += here;
        }
    }
    if (depth != 0) throw std::runtime_error("has metadata that are not JSON");
    return found;
}

void expect(std::map<std::string, std::string>& spec, const std::string& key, const std::string& expected) {
    const std::string& got = spec['"' + key + '"'];
    if (got != expected) throw std::runtime_error(key + " is " + got + ", this program reads " + expected);
}

double number(std::map<std::string, std::string>& spec, const std::string& key, double low, double high) {
    const std::string& got = spec['"' + key + '"'];
    std::istringstream digits(got);
    digits.imbue(std::locale::classic());
    double value;
    if (!(digits >> value && digits.eof() && value >= low && value <= high)) {
        std::ostringstream message;
        message << key << " is " << got << ", expected " << low << " to " << high;
        throw std::runtime_error(message.str());
    }
    return value;
}

}  // namespace

ModelSpec read_spec(const std::vector<unsigned char>& model) {
    auto spec = members(document(model));
    expect(spec, "contract_version", "1");
    expect(spec, "alphabet", "\"0123456789\"");
    expect(spec, "blank", "10");
    expect(spec, "strip_height", "28");
    expect(spec, "strip_width", "140");
    expect(spec, "slots", "5");
    expect(spec, "polarity", "\"bright-on-dark\"");
    expect(spec, "padding", "\"left\"");
    return {number(spec, "temperature", 0.05, 20), number(spec, "reject_threshold", 0, 1)};
}

bool is_quantised(const std::vector<unsigned char>& model) {
    for (Message outer(model.data(), model.size()); outer.next();) {
        if (outer.field != kGraph) continue;
        for (Message graph(outer.value, outer.size); graph.next();) {
            if (graph.field != kNode) continue;
            for (Message node(graph.value, graph.size); node.next();) {
                if (node.field == kOpType && node.text() == "DequantizeLinear") return true;
            }
        }
    }
    return false;
}
