// Read strips with the model of edge-digits in OpenCV's dnn module: one JSON line each.
//
//   read_strip MODEL.onnx STRIP.png ...
//
// A strip is a picture of 140×28 pixels, ink bright on a dark ground. Exit: 0 all good, 1 some file failed, 2 usage.

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

#include "decode.hpp"
#include "model_spec.hpp"

namespace {

constexpr int kHeight = 28;
constexpr int kWidth = 140;
const std::vector<cv::String> kHeads = {"digit1", "digit2", "digit3", "digit4", "digit5"};

std::vector<unsigned char> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be opened");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

cv::Mat load_strip(const std::string& path) {
    const cv::Mat strip = cv::imread(path, cv::IMREAD_GRAYSCALE);
    if (strip.empty()) throw std::runtime_error("is no picture that OpenCV can read; give a PNG file");
    if (strip.cols != kWidth || strip.rows != kHeight) {
        throw std::runtime_error(cv::format("%d×%d pixels, expected %d×%d", strip.cols, strip.rows, kWidth, kHeight));
    }
    return strip;
}

// The five heads' probabilities for one strip, before the temperature.
Slots run(cv::dnn::Net& net, const cv::Mat& strip) {
    const int shape[] = {1, kHeight, kWidth, 1};
    net.setInput(cv::Mat(4, shape, CV_8U, strip.data), "strip");  // raw pixels: scaling is in the graph
    std::vector<cv::Mat> heads;
    net.forward(heads, kHeads);
    Slots slots;
    for (int slot = 0; slot < kSlots; ++slot) {
        if (heads[slot].total() != kClasses) throw std::runtime_error("a head has not 11 classes");
        double sum = 0;
        for (int index = 0; index < kClasses; ++index) {
            const double value = heads[slot].ptr<float>()[index];
            if (!(value >= 0)) sum = NAN;
            sum += slots[slot][index] = value;
        }
        // OpenCV misreads some graphs without a word; scores that are no probabilities give that away.
        if (!(std::abs(sum - 1) < 0.1)) throw std::runtime_error("the heads give no probabilities in this OpenCV");
    }
    return slots;
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const unsigned char byte : text) {
        if (byte == '"' || byte == '\\') result += '\\';
        result += byte < 0x20 ? cv::format("\\u%04x", byte) : std::string(1, static_cast<char>(byte));
    }
    return result + '"';
}

std::string to_json(const std::string& path, const Reading& reading) {
    std::string text, digits, confidences;
    for (std::size_t index = 0; index < reading.digits.size(); ++index) {
        const char* comma = index ? ", " : "";
        text += cv::format("%d", reading.digits[index]);
        digits += cv::format("%s%d", comma, reading.digits[index]);
        confidences += cv::format("%s%.6f", comma, reading.digit_confidences[index]);
    }
    return "{\"path\": " + quoted(path) + ", \"text\": \"" + text + "\", \"digits\": [" + digits +
           "], \"digit_confidences\": [" + confidences + cv::format("], \"confidence\": %.6f", reading.confidence) +
           ", \"accepted\": " + (reading.accepted ? "true}" : "false}");
}

int read_strips(const std::string& model_path, const std::vector<std::string>& strip_paths) {
    std::vector<unsigned char> model;
    ModelSpec spec;
    cv::dnn::Net net;
    try {
        model = read_file(model_path);
        spec = read_spec(model);
        // Of the same file OpenCV 4.6 says that it cannot read it, and 4.10 and 4.12 give wrong digits without a word.
        if (is_quantised(model)) throw std::runtime_error("is quantised; OpenCV needs digits-fp32.onnx");
        net = cv::dnn::readNetFromONNX(model);
    } catch (const std::exception& error) {
        std::cerr << "model " << model_path << ": " << error.what() << "\n";
        return 1;
    }
    bool failed = false;
    for (const std::string& path : strip_paths) {
        try {
            std::cout << to_json(path, decode(run(net, load_strip(path)), spec)) << std::endl;
        } catch (const std::exception& error) {
            std::cerr << path << ": " << error.what() << "\n";
            failed = true;
        }
    }
    return failed;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) {
        std::cerr << "usage: " << arguments[0] << " MODEL.onnx STRIP.png ...\n";
        return 2;
    }
    cv::setNumThreads(1);  // a network this small gains nothing from more
    return read_strips(arguments[1], {arguments + 2, arguments + count});
}
