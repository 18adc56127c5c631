import { Buffer } from "node:buffer";
import type { AVCodecID, AVPixelFormat } from "node-av/constants";

/** Pixels of a picture as red, green, blue bytes, rows without padding. */
export interface RgbPixels {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** `[height, width, 3]` uint8. */
  readonly data: Uint8Array;
}

/**
 * Decodes a JPEG with one chroma sample per pixel (4:4:4), or without chroma, exactly: JFIF's
 * BT.601 in full range, rounded to bytes. It is the test's own way from file to pixels, apart from
 * the cameras'.
 */
export async function decodeJpeg(path: string): Promise<RgbPixels> {
  const lib = await import("node-av/lib");
  const constants = await import("node-av/constants");
  lib.Log.setLevel(constants.AV_LOG_QUIET);
  const decoder = lib.Codec.findDecoder(constants.AV_CODEC_ID_MJPEG as AVCodecID);
  if (decoder === null) throw new Error("There is no JPEG decoder");
  const codec = new lib.CodecContext();
  codec.allocContext3(decoder);
  const [packet, frame] = [new lib.Packet(), new lib.Frame()];
  packet.alloc();
  frame.alloc();
  try {
    await codec.open2(decoder, null);
    packet.data = Buffer.from(await Deno.readFile(path));
    await codec.sendPacket(packet);
    await codec.sendPacket(null);
    const code = await codec.receiveFrame(frame);
    if (code < 0) throw new Error(`Cannot decode ${path}: ${code}`);
    const format = lib.avGetPixFmtName(frame.format as AVPixelFormat);
    return toRgb(frame.width, frame.height, frame.data ?? [], frame.linesize, format ?? "", path);
  } finally {
    frame.free();
    packet.free();
    codec.freeContext();
  }
}

function toRgb(
  width: number,
  height: number,
  planes: readonly Uint8Array[],
  strides: readonly number[],
  format: string,
  path: string,
): RgbPixels {
  if (format !== "yuvj444p" && format !== "gray") {
    throw new Error(`${path} is ${format}, which this decoder does not read`);
  }
  const data = new Uint8ClampedArray(3 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const luma = planes[0]![y * strides[0]! + x]!;
      const [u, v] = format === "gray"
        ? [0, 0]
        : [planes[1]![y * strides[1]! + x]! - 128, planes[2]![y * strides[2]! + x]! - 128];
      data[at] = luma + 1.402 * v;
      data[at + 1] = luma - 0.344136 * u - 0.714136 * v;
      data[at + 2] = luma + 1.772 * u;
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
