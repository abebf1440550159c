// Official builds of ONNX Runtime send usage data to their maker unless this is set before they are loaded. Modules
// are run in the order in which they are imported: import this one first.

import process from "node:process";

process.env.ORT_DISABLE_TELEMETRY ??= "1";
