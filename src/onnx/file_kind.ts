/** Bytes that tell a kind of file, where they stand, and what to do about it. */
interface Signature {
  readonly kind: string;
  readonly offset: number;
  readonly bytes: readonly number[] | string;
  readonly hint: string;
}

const EXPORT_HINT = "Export the model to ONNX with its training program";

const SIGNATURES: readonly Signature[] = [
  { kind: "a TensorFlow Lite model", offset: 4, bytes: "TFL3", hint: EXPORT_HINT },
  {
    kind: "an ONNX Runtime .ort model",
    offset: 4,
    bytes: "ORTM",
    hint: "Give the .onnx file that the .ort file was made from",
  },
  { kind: "a zip archive, as PyTorch checkpoints are", offset: 0, bytes: "PK", hint: EXPORT_HINT },
  { kind: "a Python pickle", offset: 0, bytes: [0x80, 0x02], hint: EXPORT_HINT },
  { kind: "an HDF5 file, as Keras models are", offset: 1, bytes: "HDF", hint: EXPORT_HINT },
  { kind: "a GGUF model", offset: 0, bytes: "GGUF", hint: EXPORT_HINT },
  { kind: "a TensorRT engine", offset: 0, bytes: "ftrt", hint: "Give the ONNX file instead" },
  { kind: "a TensorRT engine", offset: 0, bytes: "ptrt", hint: "Give the ONNX file instead" },
  {
    kind: "a Git LFS pointer",
    offset: 0,
    bytes: "version https://git-lfs",
    hint: "Run git lfs pull to fetch the file itself",
  },
  { kind: "a gzip archive", offset: 0, bytes: [0x1f, 0x8b], hint: "Unpack it" },
  { kind: "a JPEG picture", offset: 0, bytes: [0xff, 0xd8, 0xff], hint: "Give an ONNX file" },
  { kind: "a PNG picture", offset: 0, bytes: [0x89, 0x50, 0x4e, 0x47], hint: "Give an ONNX file" },
  { kind: "an MP4 video", offset: 4, bytes: "ftyp", hint: "Give the video as the source instead" },
  { kind: "a WebAssembly module", offset: 0, bytes: "\0asm", hint: "Give an ONNX file" },
  { kind: "an ELF program", offset: 0, bytes: "\x7fELF", hint: "Give an ONNX file" },
];

const TEXT_KINDS: readonly { kind: string; start: RegExp; hint: string }[] = [
  {
    kind: "an HTML page",
    start: /^\s*<(!doctype|html|head)/i,
    hint: "Download the file itself: this is the page of an error or of a login",
  },
  { kind: "an XML file, as OpenVINO models are", start: /^\s*<\?xml|^\s*<net/i, hint: EXPORT_HINT },
  { kind: "a JSON file", start: /^\s*[{[]\s*["{[\]}]/, hint: "Give an ONNX file" },
];

/** How many bytes from the start are looked at. */
const HEAD_BYTES = 64;

/** What a file that is not ONNX looks like, and what to do. */
export interface FileKind {
  /** For example `a JPEG picture`. */
  readonly kind: string;
  /** What to do, as one imperative sentence. */
  readonly hint: string;
}

/**
 * Recognises common files that are given in place of a model by their first bytes; `null` where
 * they say nothing.
 */
export function recogniseFile(bytes: Uint8Array): FileKind | null {
  const head = bytes.subarray(0, HEAD_BYTES);
  for (const { kind, offset, bytes: wanted, hint } of SIGNATURES) {
    const codes = typeof wanted === "string" ? [...wanted].map((c) => c.charCodeAt(0)) : wanted;
    if (codes.every((code, i) => head[offset + i] === code)) return { kind, hint };
  }
  const text = new TextDecoder("latin1").decode(head);
  for (const { kind, start, hint } of TEXT_KINDS) if (start.test(text)) return { kind, hint };
  if (/^[\t\r\n -~]{16,}$/.test(text)) return { kind: "a text file", hint: "Give an ONNX file" };
  if (/^[\s\S]{8}\{"/.test(text)) return { kind: "a safetensors file", hint: EXPORT_HINT };
  return null;
}
