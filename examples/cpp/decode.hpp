// Probabilities of the five slots -> a reading; the same steps as edge_runtime/recognition/decode.py.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model_spec.hpp"

constexpr int kSlots = 5;
constexpr int kClasses = 11;  // 0-9, and blank
constexpr int kBlank = 10;

using Slots = std::array<std::array<double, kClasses>, kSlots>;

struct Reading {
    std::vector<int> digits;                // empty: the strip holds no number
    std::vector<double> digit_confidences;  // 0 to 1
    double confidence = 0;                  // 0 to 1, that all digits and their number are right
    bool accepted = false;
};

Reading decode(Slots slots, const ModelSpec& spec);
