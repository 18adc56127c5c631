// Cameras over HTTP: MJPEG as IP cameras send it, and folders of files for HLS and progressive video.
import { systemClock } from "../../src/native/system_clock.ts";

const BOUNDARY = "frame";

/** Sends JPEG pictures in a loop as `multipart/x-mixed-replace` to everybody who asks. */
export class MjpegServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  #viewers = new AbortController();
  #isDown = false;

  /** Starts serving whole JPEG files at `fps` pictures per second on a free port. */
  constructor(options: { readonly pictures: readonly Uint8Array[]; readonly fps: number }) {
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
    }, () => this.#isDown ? new Response(null, { status: 503 }) : this.#stream(options));
  }

  /** The address of the stream. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/stream.mjpg`;
  }

  /** Ends all streams and answers 503 from now on. */
  goDown(): void {
    this.#isDown = true;
    this.#viewers.abort();
  }

  /** Serves again. */
  comeBack(): void {
    this.#isDown = false;
    this.#viewers = new AbortController();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.shutdown();
  }

  #stream(options: { readonly pictures: readonly Uint8Array[]; readonly fps: number }): Response {
    const { pictures, fps } = options;
    const over = AbortSignal.any([this.#closing.signal, this.#viewers.signal]);
    const gone = new AbortController();
    const signal = AbortSignal.any([over, gone.signal]);
    const startMs = systemClock.nowMs();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await systemClock.wait(startMs + 1000 * sent / fps - systemClock.nowMs(), signal);
        if (over.aborted) return controller.close();
        if (signal.aborted) return;
        controller.enqueue(part(pictures[sent++ % pictures.length]!));
      },
      cancel() {
        gone.abort();
      },
    }, { highWaterMark: 0 });
    const headers = { "content-type": `multipart/x-mixed-replace; boundary=${BOUNDARY}` };
    return new Response(body, { headers });
  }
}

function part(picture: Uint8Array): Uint8Array {
  const head =
    `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.length}\r\n\r\n`;
  const bytes = new Uint8Array(head.length + picture.length + 2);
  bytes.set(new TextEncoder().encode(head));
  bytes.set(picture, head.length);
  bytes.set([13, 10], head.length + picture.length);
  return bytes;
}

/** What files are served as, by how their names begin. */
const TYPES = [["snapshot", "image/jpeg"], ["motion", "video/x-motion-jpeg"]] as const;

/** Serves the files of one folder; what is not there is answered with 404. */
export class FolderServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #folder: string;

  /** Starts serving on a free port; `edit` may change what is sent. */
  constructor(
    folder: string,
    edit: (name: string, bytes: Uint8Array<ArrayBuffer>) => BodyInit = (_, b) => b,
  ) {
    this.#folder = folder;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const name = new URL(request.url).pathname.slice(1);
        try {
          const body = edit(name, await Deno.readFile(`${this.#folder}/${name}`));
          const type = TYPES.find(([start]) => name.startsWith(start))?.[1];
          return new Response(
            body,
            type === undefined ? {} : { headers: { "content-type": type } },
          );
        } catch (error) {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
          return new Response("not here", { status: 404 });
        }
      },
    );
  }

  /** The address of a file. */
  urlOf(name: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
