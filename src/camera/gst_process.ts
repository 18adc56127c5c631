import type { Clock } from "../core/clock.ts";
import { FoveaError } from "../core/errors.ts";
import { InheritedChannel } from "../native/inherited_channel.ts";
import { GstMessages, SINK_NAME } from "./gst_messages.ts";
import { HANG_MS } from "./open_in_time.ts";
import { readLines } from "./text_lines.ts";

/** The program that runs pipelines. */
export const GST_LAUNCH = "gst-launch-1.0";

/** How long a pipeline may take to shut down before it is killed, in milliseconds. */
const STOP_MS = 2000;

/** Variables of the environment that pipelines may need and that Deno lets pass. */
const ENVIRONMENT: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "XDG_RUNTIME_DIR",
  "XDG_CACHE_HOME",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "GST_DEBUG",
  "GST_PLUGIN_PATH",
  "GST_PLUGIN_SYSTEM_PATH",
  "GST_PLUGIN_SCANNER",
  "GST_REGISTRY",
  "GST_V4L2_USE_LIBV4L2",
];

/** What a pipeline is started with. */
export interface GstRequest {
  /** What may be shown of the source. */
  readonly label: string;
  /** The pipeline up to where pictures are taken, in words of the command line. */
  readonly words: readonly string[];
  /** Another program than `gst-launch-1.0`, for tests. */
  readonly program?: string;
}

/**
 * A pipeline in a child process. Pictures come over a channel of its own: elements of NVIDIA and
 * the libraries below them print to standard output, which would end up between the pixels.
 */
export class GstProcess implements AsyncDisposable {
  /** What it said so far. */
  readonly messages: GstMessages = new GstMessages();
  /**
   * Resolves with how it ended, once everything it said is known; with `null` if it was left alone,
   * because not even killing it helped: a driver may hold it, or another program its outputs.
   */
  readonly ended: Promise<Deno.CommandStatus | null>;
  readonly #child: Deno.ChildProcess;
  readonly #channel: InheritedChannel;
  readonly #clock: Clock;
  readonly #drain = new Uint8Array(65_536);
  readonly #leftAlone: PromiseWithResolvers<null> = Promise.withResolvers();
  #onMessage: () => void = () => undefined;
  #killing: Promise<void> | null = null;
  #hasEnded = false;

  private constructor(child: Deno.ChildProcess, channel: InheritedChannel, clock: Clock) {
    this.#child = child;
    this.#channel = channel;
    this.#clock = clock;
    this.ended = Promise.race([this.#follow(), this.#leftAlone.promise]);
  }

  /**
   * Starts a pipeline.
   *
   * @throws {FoveaError} `CAMERA_OPEN` if the program is missing, or it or native code is not
   * allowed.
   */
  static async start(request: GstRequest, clock: Clock): Promise<GstProcess> {
    const { label, words, program = GST_LAUNCH } = request;
    const env = await chooseEnvironment();
    const channel = openChannel(label);
    try {
      const sink = ["fdsink", `name=${SINK_NAME}`, `fd=${channel.childDescriptor}`, "sync=false"];
      const child = new Deno.Command(program, {
        args: ["-v", ...words, "!", ...sink],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env,
        // Deno refuses to hand LD_LIBRARY_PATH and its like on without all of --allow-run.
        clearEnv: true,
        // Ctrl-C is for this process, which then stops the pipeline in its own time.
        detached: true,
      }).spawn();
      channel.closeChildEnd();
      return new GstProcess(child, channel, clock);
    } catch (cause) {
      channel[Symbol.dispose]();
      throw explainStart(cause, label, program);
    }
  }

  /** Whether {@linkcode ended} has resolved. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Fills `into` with what the pipeline's sink wrote; less comes at its end only. */
  async receive(into: Uint8Array<ArrayBuffer>): Promise<number> {
    return await this.#channel.receive(into);
  }

  /** Resolves when it said something new or ended. */
  async waitForMessage(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onMessage = resolve;
    await promise;
  }

  /** Begins to stop it, without waiting: politely, so that cameras are let go, then by force. */
  stop(): void {
    this.#killing ??= this.#killLate();
  }

  /** Stops it and frees everything; what was being received has to have settled. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    // A pipeline that cannot get rid of its pictures cannot stop.
    while (await this.#channel.receive(this.#drain) === this.#drain.length);
    await this.ended;
    await this.#killing;
    this.#channel[Symbol.dispose]();
  }

  async #follow(): Promise<Deno.CommandStatus> {
    const take = (line: string): void => {
      this.messages.take(line);
      this.#onMessage();
    };
    const { stdout, stderr, status } = this.#child;
    await Promise.all([readLines(stdout, take), readLines(stderr, take)]);
    const result = await status;
    this.#hasEnded = true;
    this.#onMessage();
    return result;
  }

  async #killLate(): Promise<void> {
    if (this.#hasEnded) return;
    signal(this.#child, "SIGINT");
    const over = new AbortController();
    void this.ended.then(() => over.abort());
    await this.#clock.wait(STOP_MS, over.signal);
    if (this.#hasEnded) return;
    signal(this.#child, "SIGKILL");
    this.#channel.shutdown();
    await this.#clock.wait(HANG_MS, over.signal);
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#child.unref();
    this.#leftAlone.resolve(null);
    this.#onMessage();
  }
}

function signal(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch (error) {
    // It ended by itself a moment ago.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What of the environment is known and allowed; messages come in English. */
async function chooseEnvironment(): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  const { state } = await Deno.permissions.query({ name: "run" });
  const names = state === "granted" ? [...ENVIRONMENT, "LD_LIBRARY_PATH"] : ENVIRONMENT;
  for (const variable of names) {
    const permission = await Deno.permissions.query({ name: "env", variable });
    const value = permission.state === "granted" ? Deno.env.get(variable) : undefined;
    if (value !== undefined) env[variable] = value;
  }
  return { ...env, LC_ALL: "C.UTF-8", GST_DEBUG_NO_COLOR: "1" };
}

function openChannel(label: string): InheritedChannel {
  try {
    return new InheritedChannel();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new FoveaError("CAMERA_OPEN", `Cannot open ${label}: native code is not allowed`, {
        cause,
        hint: "Run with --allow-ffi, without a path: pictures come over a channel of the C library",
      });
    }
    throw FoveaError.from(cause, "CAMERA_OPEN", `Cannot open ${label}`);
  }
}

function explainStart(cause: unknown, label: string, program: string): FoveaError {
  if (cause instanceof Deno.errors.NotFound) {
    return new FoveaError("CAMERA_OPEN", `Cannot open ${label}: there is no ${program}`, {
      cause,
      hint: "Install the packages gstreamer1.0-tools and gstreamer1.0-plugins-good",
    });
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new FoveaError(
      "CAMERA_OPEN",
      `Cannot open ${label}: running ${program} is not allowed`,
      {
        cause,
        hint: `Run with --allow-run=${program}`,
      },
    );
  }
  return FoveaError.from(cause, "CAMERA_OPEN", `Cannot open ${label}`);
}
