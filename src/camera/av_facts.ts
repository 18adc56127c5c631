import type { AvInput } from "./av_input.ts";
import type { AvLibrary } from "./av_library.ts";
import type { AvTarget } from "./av_target.ts";
import type { SourceFacts } from "./picture_source.ts";
import { readTurn, swapsSides } from "./turn.ts";

/**
 * What an opened stream says about itself.
 *
 * @param hasTimes Whether its times are real; then its rate is too.
 */
export function describeSource(
  av: AvLibrary,
  target: AvTarget,
  { context, stream, isStill }: Pick<AvInput, "context" | "stream" | "isStill">,
  hasTimes: boolean,
): SourceFacts {
  const isLive = target.live ?? !(isStill || context.duration > 0n);
  const rate = stream.avgFrameRate.num > 0 ? stream.avgFrameRate : stream.rFrameRate;
  const frames = Number(stream.nbFrames);
  const matrix = stream.codecpar.getCodedSideData(av.constants.AV_PKT_DATA_DISPLAYMATRIX);
  const isSideways = swapsSides(readTurn(matrix));
  const { width, height } = stream.codecpar;
  return {
    kind: isLive ? "live" : "file",
    width: isSideways ? height : width,
    height: isSideways ? width : height,
    fps: hasTimes && rate.num > 0 && rate.den > 0 ? rate.num / rate.den : null,
    frameCount: isStill ? 1 : !isLive && frames > 0 ? frames : null,
    canStall: target.localPath === null,
  };
}
