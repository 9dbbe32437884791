/** Stable codes of the engine's errors; the wording may change, the codes do not. */
export type EngineErrorCode =
  | 'ENGINE_ARGUMENT'
  | 'ENGINE_BARE_GENERATOR'
  | 'ENGINE_BAD_OP'
  | 'ENGINE_BAD_RESULT'
  | 'ENGINE_BAD_YIELD'
  | 'ENGINE_BUDGET'
  | 'ENGINE_CELL'
  | 'ENGINE_CHECKPOINT'
  | 'ENGINE_IMPURE'
  | 'ENGINE_MODEL'
  | 'ENGINE_RECURSION'
  | 'ENGINE_SCHEDULE'
  | 'ENGINE_THREADS'
  | 'ENGINE_UNBOUNDED';

/** A model, or a call of the engine, that the engine cannot work with. It never stands for a finding. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;
  /** Modelled function, step or argument that the error is about. */
  readonly where: string;

  constructor(code: EngineErrorCode, where: string, message: string) {
    super(`${code}: ${where}: ${message}`);
    this.code = code;
    this.where = where;
  }
}
