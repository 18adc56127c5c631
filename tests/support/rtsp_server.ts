// A small RTSP 1.0 server (RFC 2326) that plays H.264 over its TCP connection, as an IP camera
// does, and can be made to fail like one.
import { systemClock } from "../../src/native/system_clock.ts";
import { listNalUnits, RtpStream } from "./rtp_stream.ts";

/** Settings of an {@linkcode RtspServer}. */
export interface RtspServerOptions {
  /** Access units with start codes, played in a loop; the first must be a key frame. */
  readonly pictures: readonly Uint8Array<ArrayBuffer>[];
  /** Pictures per second. */
  readonly fps: number;
  /** Who may look, as `user:password`; by default everybody. */
  readonly credentials?: string;
}

/** What goes wrong while the server is up. */
type Fault = "none" | "silent" | "mute";

/**
 * Plays a clip in a loop to everybody who asks; each viewer gets it from its first picture.
 *
 * Faults: {@linkcode goDown} cuts all connections and refuses new ones, {@linkcode goSilent} keeps
 * them and sends nothing more, {@linkcode goMute} accepts connections and answers nothing.
 */
export class RtspServer implements AsyncDisposable {
  /** Requests received so far, by method. */
  readonly requests = new Map<string, number>();
  readonly #options: RtspServerOptions;
  readonly #connections = new Set<RtspConnection>();
  readonly #tasks = new Set<Promise<void>>();
  #listener: Deno.TcpListener;
  #fault: Fault = "none";
  #watchers: (() => void)[] = [];
  #isClosed = false;
  #accepting: Promise<void> | null = null;

  /** Starts listening on a free port of this machine. */
  constructor(options: RtspServerOptions) {
    this.#options = options;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept();
  }

  /** The address to look at, without credentials. */
  get url(): string {
    return `rtsp://127.0.0.1:${this.#listener.addr.port}/live`;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Resolves when `count` requests of a method have come, or when the server is closed. */
  async countRequests(method: string, count: number): Promise<void> {
    while ((this.requests.get(method) ?? 0) < count && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Cuts all connections; new ones are refused when it resolves. */
  async goDown(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.#connections) connection.close();
  }

  /** Listens again on the same port, without faults. */
  comeBack(): void {
    this.#fault = "none";
    const { port } = this.#listener.addr;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.#accept();
  }

  /** Keeps connections and answers requests, but sends no more pictures. */
  goSilent(): void {
    this.#fault = "silent";
  }

  /** Accepts connections and neither answers nor sends. */
  goMute(): void {
    this.#fault = "mute";
  }

  /** Sends again after {@linkcode goSilent} or {@linkcode goMute}, to new connections. */
  recover(): void {
    this.#fault = "none";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#tellWatchers();
    try {
      this.#listener.close();
    } catch (error) {
      // It is closed already while the server is down.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    await this.#accepting;
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#tasks);
  }

  #tellWatchers(): void {
    for (const tell of this.#watchers.splice(0)) tell();
  }

  #accept(): void {
    this.#accepting = acceptAll(this.#listener, (socket) => {
      const connection = new RtspConnection(socket, this.#options, (method) => {
        this.requests.set(method, (this.requests.get(method) ?? 0) + 1);
        this.#tellWatchers();
        return this.#fault;
      });
      this.#connections.add(connection);
      this.#track(connection.serve().finally(() => this.#connections.delete(connection)));
    });
  }

  #track(task: Promise<void>): void {
    this.#tasks.add(task);
    void task.finally(() => this.#tasks.delete(task));
  }
}

async function acceptAll(
  listener: Deno.TcpListener,
  serve: (socket: Deno.TcpConn) => void,
): Promise<void> {
  for await (const socket of listener) serve(socket);
}

/** One viewer. */
class RtspConnection {
  readonly #socket: Deno.TcpConn;
  readonly #options: RtspServerOptions;
  readonly #ask: (method: string) => Fault;
  readonly #closing = new AbortController();
  #playing: Promise<void> | null = null;
  #text = "";

  /** `ask` is told every request and every picture, and answers what goes wrong now. */
  constructor(socket: Deno.TcpConn, options: RtspServerOptions, ask: (method: string) => Fault) {
    this.#socket = socket;
    this.#options = options;
    this.#ask = ask;
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#socket.close();
  }

  /** Answers requests until one side closes. */
  async serve(): Promise<void> {
    const bytes = new Uint8Array(4096);
    try {
      for (;;) {
        const read = await this.#socket.read(bytes);
        if (read === null) break;
        this.#text += String.fromCharCode(...bytes.subarray(0, read));
        for (let request = this.#takeRequest(); request !== null; request = this.#takeRequest()) {
          await this.#answer(request);
        }
      }
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    } finally {
      this.close();
      await this.#playing;
    }
  }

  /** Cuts the next whole request out of what came; skips interleaved reports of the viewer. */
  #takeRequest(): string | null {
    while (this.#text.startsWith("$") && this.#text.length >= 4) {
      const length = 4 + 256 * this.#text.charCodeAt(2) + this.#text.charCodeAt(3);
      if (this.#text.length < length) return null;
      this.#text = this.#text.slice(length);
    }
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return null;
    const request = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 4);
    return request;
  }

  async #answer(request: string): Promise<void> {
    const [, method = "", url = ""] = /^(\S+) (\S+) RTSP\/1\.0/.exec(request) ?? [];
    if (this.#ask(method) === "mute") return;
    const headers: Record<string, string> = { CSeq: /^CSeq: *(\d+)/im.exec(request)?.[1] ?? "0" };
    let status = "200 OK";
    let body = "";
    const { credentials } = this.#options;
    if (credentials !== undefined && !request.includes(`Basic ${btoa(credentials)}`)) {
      status = "401 Unauthorized";
      headers["WWW-Authenticate"] = 'Basic realm="camera"';
    } else if (method === "OPTIONS") {
      headers.Public = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN";
    } else if (method === "DESCRIBE") {
      body = describe(this.#options);
      headers["Content-Type"] = "application/sdp";
      headers["Content-Base"] = `${url}/`;
      headers["Content-Length"] = String(body.length);
    } else if (method === "SETUP") {
      headers.Transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
    }
    if (method !== "OPTIONS" && method !== "DESCRIBE") headers.Session = "1";
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await this.#write(new TextEncoder().encode(`RTSP/1.0 ${status}\r\n${lines}\r\n${body}`));
    if (method === "PLAY" && status === "200 OK") this.#playing ??= this.#play();
    if (method === "TEARDOWN") this.close();
  }

  /** Sends the clip in a loop, on time. */
  async #play(): Promise<void> {
    const { pictures, fps } = this.#options;
    const stream = new RtpStream(90_000 / fps);
    const { signal } = this.#closing;
    const startMs = systemClock.nowMs();
    try {
      for (let sent = 0; !signal.aborted; sent++) {
        if (this.#ask("picture") === "none") {
          for (const packet of stream.packets(pictures[sent % pictures.length]!)) {
            await this.#write(packet);
          }
        }
        await systemClock.wait(startMs + 1000 * (sent + 1) / fps - systemClock.nowMs(), signal);
      }
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }

  async #write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      written += await this.#socket.write(bytes.subarray(written));
    }
  }
}

/** The session description (RFC 4566, RFC 6184) of an H.264 stream. */
function describe({ pictures, fps }: RtspServerOptions): string {
  const units = listNalUnits(pictures[0]!);
  const sets = units.filter((unit) => [7, 8].includes(unit[0]! & 31))
    .map((unit) => btoa(String.fromCharCode(...unit)));
  return [
    "v=0",
    "o=- 0 0 IN IP4 127.0.0.1",
    "s=clip",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    `a=framerate:${fps}`,
    `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sets.join(",")}`,
    "a=control:track1",
    "",
  ].join("\r\n");
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected;
}
