/** Limits within which a model must be finite; see `ENGINE_UNBOUNDED`. */
export interface SystemLimits {
  readonly frameDepth: number;
  readonly learnedNodes: number;
  readonly stackDepth: number;
  readonly threadStates: number;
}

export const defaultLimits: SystemLimits = {
  frameDepth: 500,
  learnedNodes: 2_000_000,
  stackDepth: 200,
  threadStates: 200_000,
};
