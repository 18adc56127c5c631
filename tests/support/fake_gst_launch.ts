/** A program that stands in for `gst-launch-1.0`. */
export interface FakeGstLaunch extends AsyncDisposable {
  /** Its path. */
  readonly program: string;
}

/** What a fake has at hand, in the language of bash. */
const PRELUDE = `#!/usr/bin/env bash
# The descriptor that pictures go to stands in the words of the sink.
words="$*"; fd="\${words##* fd=}"; fd="\${fd%% *}"
# say <format> <width> <height>: what GStreamer prints about what its sink takes.
say() {
  echo "Pipeline is live and does not need PREROLL ..."
  caps "$@"
}
caps() {
  echo "/GstPipeline:pipeline0/GstFdSink:fovea.GstPad:sink: caps = video/x-raw," \\
    "format=(string)$1, width=(int)$2, height=(int)$3, framerate=(fraction)25/1"
}
# picture <byte count> <octal value>
picture() { head -c "$1" /dev/zero | tr '\\0' "\\\\$2" >&"$fd"; }
`;

/** Writes a fake whose behaviour is a script of bash. */
export async function makeFakeGstLaunch(script: string): Promise<FakeGstLaunch> {
  const folder = await Deno.makeTempDir();
  const program = `${folder}/fake-gst-launch`;
  await Deno.writeTextFile(program, `${PRELUDE}\n${script}\n`, { mode: 0o755 });
  return {
    program,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}
