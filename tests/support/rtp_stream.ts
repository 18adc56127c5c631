// H.264 as RTP packets (RFC 3550, RFC 6184), framed for an RTSP connection (RFC 2326, 10.12).

/** Biggest network unit that goes into one packet; the frame's length has 16 bits. */
const UNIT_BYTES_MAX = 60_000;

/** Splits an access unit at its start codes, which are left out. */
export function listNalUnits(picture: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const starts: number[] = [];
  for (let i = 0; i + 3 <= picture.length; i++) {
    if (picture[i] === 0 && picture[i + 1] === 0 && picture[i + 2] === 1) starts.push(i + 3);
  }
  return starts.map((start, index) => {
    const next = starts[index + 1];
    let end = next === undefined ? picture.length : next - 3;
    while (next !== undefined && picture[end - 1] === 0) end--;
    return picture.slice(start, end);
  });
}

/** Numbers and times the packets of one viewer. */
export class RtpStream {
  readonly #ticksPerPicture: number;
  #sequence = 0;
  #pictures = 0;

  /** `ticksPerPicture` counts at 90 kHz. */
  constructor(ticksPerPicture: number) {
    this.#ticksPerPicture = ticksPerPicture;
  }

  /** The packets of the next picture, one for each network unit. */
  packets(picture: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    const units = listNalUnits(picture);
    const ticks = Math.round(this.#pictures++ * this.#ticksPerPicture);
    return units.map((unit, index) => {
      if (unit.length > UNIT_BYTES_MAX) throw new Error(`Cannot send ${unit.length} bytes at once`);
      const bytes = new Uint8Array(16 + unit.length);
      const view = new DataView(bytes.buffer);
      bytes[0] = 0x24;
      view.setUint16(2, 12 + unit.length);
      bytes[4] = 0x80;
      // The marker tells the last packet of a picture.
      bytes[5] = 96 | (index === units.length - 1 ? 0x80 : 0);
      view.setUint16(6, this.#sequence++ & 0xffff);
      view.setUint32(8, ticks >>> 0);
      view.setUint32(12, 0xf0f0f0f0);
      bytes.set(unit, 16);
      return bytes;
    });
  }
}
