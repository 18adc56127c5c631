/** Formats in the order of `PIXEL_FORMATS` in src/core/pixel_format.ts. */
export namespace Format {
  export const NV12: u32 = 0;
  export const I420: u32 = 1;
  export const YUYV: u32 = 2;
  export const RGB24: u32 = 3;
  export const BGR24: u32 = 4;
  export const RGBA: u32 = 5;
  export const BGRX: u32 = 6;
  export const GRAY8: u32 = 7;
}

/** Element types of the output, as the logarithm of their bytes. */
export namespace Element {
  export const UINT8: u32 = 0;
  export const FLOAT16: u32 = 1;
  export const FLOAT32: u32 = 2;
}

/**
 * Everything one call needs, as 32-bit words that the caller writes into scratch memory in the
 * order of `PLAN_WORDS` in src/native/letterbox_plan.ts. Pointers are byte offsets.
 *
 * "Component" is what the samplers produce: the three bytes of a packed pixel in memory order, or
 * R, G and B for YUV and gray. `reversed` says that component 0 goes to channel 2 of the network.
 */
@unmanaged
export class LetterboxPlan {
  // The picture
  format: u32;
  sourceWidth: u32;
  sourceHeight: u32;
  plane0: u32;
  plane1: u32;
  plane2: u32;
  stride0: u32;
  stride1: u32;
  stride2: u32;

  // Where it goes
  netWidth: u32;
  netHeight: u32;
  contentWidth: u32;
  contentHeight: u32;
  padX: u32;
  padY: u32;
  out: u32;
  element: u32;
  interleaved: u32;
  reversed: u32;

  // Scratch, see src/native/letterbox_plan.ts for the sizes
  lumaOffsets: u32;
  lumaWeights: u32;
  chromaOffsets: u32;
  chromaWeights: u32;
  lumaRow: u32;
  chromaRow: u32;
  pixelRows: u32;
  padRows: u32;
  packedRows: u32;
  rowBytes: u32;

  // Per component: network = pixel * scale + bias; padding is already scaled
  scale0: f32;
  scale1: f32;
  scale2: f32;
  bias0: f32;
  bias1: f32;
  bias2: f32;
  pad0: f32;
  pad1: f32;
  pad2: f32;

  // YUV to RGB
  black: f32;
  luma: f32;
  redV: f32;
  greenU: f32;
  greenV: f32;
  blueU: f32;
}
