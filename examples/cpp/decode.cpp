#include "decode.hpp"

#include <algorithm>
#include <cmath>

namespace {

constexpr double kTiny = 1e-12;  // stands for a probability of zero

// Divide the logits by the temperature: p ** (1 / T), normalised.
void temper(std::array<double, kClasses>& slot, double temperature) {
    double sum = 0;
    for (double& value : slot) sum += value = std::pow(value, 1 / temperature);
    for (double& value : slot) value = std::max(value / sum, kTiny);
}

int best_digit(const std::array<double, kClasses>& slot) {
    return static_cast<int>(std::max_element(slot.begin(), slot.begin() + kBlank) - slot.begin());
}

// Blanks on the left times the best digits on the right.
double probability_of_length(int length, const Slots& slots) {
    double product = 1;
    for (int slot = 0; slot < kSlots; ++slot) {
        product *= slots[slot][slot < kSlots - length ? kBlank : best_digit(slots[slot])];
    }
    return product;
}

}  // namespace

Reading decode(Slots slots, const ModelSpec& spec) {
    for (auto& slot : slots) temper(slot, spec.temperature);
    int length = 0;
    for (int candidate = 1; candidate <= kSlots; ++candidate) {
        if (probability_of_length(candidate, slots) > probability_of_length(length, slots)) length = candidate;
    }
    Reading reading;
    for (int slot = kSlots - length; slot < kSlots; ++slot) {
        reading.digits.push_back(best_digit(slots[slot]));
        reading.digit_confidences.push_back(slots[slot][reading.digits.back()]);
    }
    reading.confidence = std::min(probability_of_length(length, slots), 1.0);
    reading.accepted = reading.confidence >= spec.reject_threshold;
    return reading;
}
