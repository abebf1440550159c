// What a model file says of itself: the JSON document "edge_digits" in its metadata.
#pragma once

#include <string>
#include <vector>

struct ModelSpec {
    double temperature;       // divides the logits of every head before the confidence is formed
    double reject_threshold;  // a reading below this confidence is not accepted
};

// The validated document of a model file's bytes; throws std::runtime_error that says what does not fit.
ModelSpec read_spec(const std::vector<unsigned char>& model);

// Whether the graph computes with whole numbers.
bool is_quantised(const std::vector<unsigned char>& model);
