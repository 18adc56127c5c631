// Everything fovea computes in WebAssembly. Several threads run these on one shared memory at the
// same time: no function keeps state, and all memory it may touch is handed to it.
export { compactColumns, compactRows } from "./compact";
export { focalColumns, focalRows } from "./focal";
export { headBackward, headForward } from "./head_layers";
export { headSlopes } from "./head_slopes";
export { letterbox } from "./letterbox";
export { nms } from "./nms";
export { prepareColumns } from "./taps";
