// fovea_focal: sigmoid focal loss and cross-entropy of all scores [rows, classes], summed as a
// monitor wants them, with the gradient by the logits; fovea_focal_total adds the blocks' sums up;
// fovea_focal_classes sums the negatives of each class.
//
//   FL = (1 - p_t)^gamma * -ln(p_t)
//
// Source: Lin et al. 2017, "Focal Loss for Dense Object Detection", eqs. 4 and 5.
// Oracle: kernels/reference/focal.ts. Sums are without alpha, the gradient is with it.
//
// Threads stride over the scores, neighbours over neighbouring ones, and add in a fixed order, so
// that sums do not depend on any schedule. A thread adds few numbers as float before it adds that
// to a double: doubles are slow on small GPUs.
#include "fovea.cuh"

#define FOCAL_THREADS 256
#define FOCAL_POSITIVES 0
#define FOCAL_NEGATIVES 1
#define FOCAL_NON_FINITE 2
#define FOCAL_COUNTS 3
#define FOCAL_LOSSES 6
#define FOCAL_SUMS (FOCAL_COUNTS + FOCAL_LOSSES)
// Numbers that are added as float.
#define FOCAL_RUN 16
// What a probability that was rounded to 0 may have been, and -ln of what 1 may lack: 2^-25.
#define PROBABILITY_MIN 1.1754943508222875e-38f
#define CERTAIN_CROSS_ENTROPY 17.328679513998633f

struct FocalParameters {
  // Score of row r and class c: element offset + r * rowStep + c * classStep.
  const void *scores;
  // [rows]: the class of each row; -1 for background, -2 to leave it out; null for background only.
  const int *targets;
  // Gradient of row r and class c: element r * gradientRowStep + c * gradientClassStep; or null.
  float *gradient;
  // [blocks, FOCAL_SUMS].
  double *partials;
  int element;
  int rows, classes;
  int offset, rowStep, classStep;
  // Element of a row that multiplies its scores, counted from r * rowStep; -1 for none.
  int objectnessOffset;
  int gradientRowStep, gradientClassStep;
  // Whether scores are logits, not probabilities.
  int fromLogits;
  float gamma;
  float positiveWeight, negativeWeight;
  // Negatives with a probability below this are easy.
  float easyBelow;
};

struct FocalTotalParameters {
  // [blocks, FOCAL_SUMS].
  const double *partials;
  // [FOCAL_SUMS].
  double *totals;
  int blocks;
};

struct FocalClassesParameters {
  // As in FocalParameters.
  const void *scores;
  const int *targets;
  // [classes]: focal loss of the negatives of each class.
  double *classFocal;
  int element;
  int rows;
  int offset, rowStep, classStep;
  int objectnessOffset;
  int fromLogits;
  float gamma;
};

// One score: `missing` is the probability of the wrong answer.
struct FocalCell {
  float missing, crossEntropy, focal, slope;
};

FOVEA_DEVICE FocalCell focal_cell(float score, bool isPositive, int fromLogits, float gamma) {
  FocalCell cell;
  // 1 - missing, without a difference of numbers that are nearly the same.
  float right;
  if (fromLogits) {
    const float wrong = isPositive ? -score : score;
    cell.missing = sigmoid(wrong);
    right = sigmoid(-wrong);
    cell.crossEntropy = softplus(wrong);
  } else {
    const float p = fminf(fmaxf(score, 0.0f), 1.0f);
    cell.missing = isPositive ? 1.0f - p : p;
    right = isPositive ? p : 1.0f - p;
    cell.crossEntropy = isPositive  ? -logf(fmaxf(p, PROBABILITY_MIN))
                        : p < 1.0f ? -log1pf(-p)
                                    : CERTAIN_CROSS_ENTROPY;
  }
  const float modulator = gamma == 0.0f ? 1.0f : powf(cell.missing, gamma);
  cell.focal = modulator * cell.crossEntropy;
  cell.slope = modulator * (gamma * right * cell.crossEntropy + cell.missing);
  return cell;
}

FOVEA_DEVICE float focal_score(const void *scores, int element, u64 start, u64 at,
                               int objectnessOffset) {
  const float score = load_element(scores, element, at);
  return objectnessOffset < 0
             ? score
             : load_element(scores, element, start + (u64)objectnessOffset) * score;
}

FOVEA_BLOCK_KERNEL(fovea_focal, FocalParameters, FOCAL_THREADS) {
  FOVEA_SHARED double sums[FOCAL_THREADS];
  const u64 elements = (u64)p.rows * (u64)p.classes;
  const u64 threads = (u64)gridDim.x * (u64)blockDim.x;
  int counts[FOCAL_COUNTS] = {0, 0, 0};
  // Of positives, negatives, and easy negatives: focal loss, then cross-entropy.
  float recent[FOCAL_LOSSES] = {0, 0, 0, 0, 0, 0};
  double losses[FOCAL_LOSSES] = {0, 0, 0, 0, 0, 0};

  int run = 0;
  for (u64 e = global_thread(); e < elements; e += threads) {
    // Whichever of the two is stored without a gap runs faster.
    const u64 row = p.rowStep == 1 ? e % (u64)p.rows : e / (u64)p.classes;
    const u64 index = p.rowStep == 1 ? e / (u64)p.rows : e % (u64)p.classes;
    const u64 start = row * (u64)p.rowStep;
    const u64 at = (u64)p.offset + start + index * (u64)p.classStep;
    const float score = focal_score(p.scores, p.element, start, at, p.objectnessOffset);
    const int target = p.targets == 0 ? -1 : p.targets[row];
    const bool isLeftOut = target < -1 || !is_finite(score);
    const bool isPositive = target == (int)index;
    float slope = 0.0f;
    if (isLeftOut) {
      counts[FOCAL_NON_FINITE] += target < -1 ? 0 : 1;
    } else {
      const FocalCell cell = focal_cell(score, isPositive, p.fromLogits, p.gamma);
      const bool isEasy = !isPositive && cell.missing < p.easyBelow;
      slope = isPositive ? -p.positiveWeight * cell.slope : p.negativeWeight * cell.slope;
      counts[FOCAL_POSITIVES] += isPositive ? 1 : 0;
      counts[FOCAL_NEGATIVES] += isPositive ? 0 : 1;
      recent[0] += isPositive ? cell.focal : 0.0f;
      recent[1] += isPositive ? 0.0f : cell.focal;
      recent[2] += isEasy ? cell.focal : 0.0f;
      recent[3] += isPositive ? cell.crossEntropy : 0.0f;
      recent[4] += isPositive ? 0.0f : cell.crossEntropy;
      recent[5] += isEasy ? cell.crossEntropy : 0.0f;
    }
    if (p.gradient != 0) {
      p.gradient[row * (u64)p.gradientRowStep + index * (u64)p.gradientClassStep] = slope;
    }
    if (++run == FOCAL_RUN || e + threads >= elements) {
      for (int i = 0; i < FOCAL_LOSSES; i++) {
        losses[i] += (double)recent[i];
        recent[i] = 0.0f;
      }
      run = 0;
    }
  }

  for (int sum = 0; sum < FOCAL_SUMS; sum++) {
    sums[threadIdx.x] = sum < FOCAL_COUNTS ? (double)counts[sum] : losses[sum - FOCAL_COUNTS];
    for (u32 half = blockDim.x / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
    }
    if (threadIdx.x == 0) p.partials[blockIdx.x * FOCAL_SUMS + sum] = sums[0];
    // The last places are read before the next sum takes them.
    __syncthreads();
  }
}

FOVEA_KERNEL(fovea_focal_total, FocalTotalParameters, 32) {
  const u32 sum = global_thread();
  if (sum >= FOCAL_SUMS) return;
  double total = 0.0;
  for (int block = 0; block < p.blocks; block++) total += p.partials[block * FOCAL_SUMS + sum];
  p.totals[sum] = total;
}

// One block sums one class.
FOVEA_BLOCK_KERNEL(fovea_focal_classes, FocalClassesParameters, FOCAL_THREADS) {
  FOVEA_SHARED double sums[FOCAL_THREADS];
  const int index = (int)blockIdx.x;
  double sum = 0.0;
  for (u64 row = threadIdx.x; row < (u64)p.rows; row += blockDim.x) {
    const u64 start = row * (u64)p.rowStep;
    const u64 at = (u64)p.offset + start + (u64)index * (u64)p.classStep;
    const float score = focal_score(p.scores, p.element, start, at, p.objectnessOffset);
    const int target = p.targets == 0 ? -1 : p.targets[row];
    if (target < -1 || target == index || !is_finite(score)) continue;
    sum += (double)focal_cell(score, false, p.fromLogits, p.gamma).focal;
  }
  sums[threadIdx.x] = sum;
  for (u32 half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  if (threadIdx.x == 0) p.classFocal[index] = sums[0];
}
