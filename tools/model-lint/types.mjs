// @ts-check
import ts from 'typescript';

/**
 * Recognises the model language by where its names are declared, not by how they are spelt: a model may rename an
 * import, and another package may have an `Op` of its own.
 */
export class ModelTypes {
  /**
   * @param {ts.TypeChecker} checker
   * @param {string} engineFolder where `kernelFunction`, `Op` and `Call` are declared
   */
  constructor(checker, engineFolder) {
    this.checker = checker;
    this.engineFolder = engineFolder;
  }

  /** @param {ts.Expression} expression @returns {'op' | 'call' | undefined} */
  kindOf(expression) {
    const type = this.checker.getTypeAtLocation(expression);
    if (this.#names(type, 'Op')) return 'op';
    return this.#names(type, 'Call') ? 'call' : undefined;
  }

  /** @param {ts.Node} node @returns {node is ts.CallExpression} */
  isKernelFunction(node) {
    if (!ts.isCallExpression(node)) return false;
    const symbol = this.symbolOf(node.expression);
    return symbol?.name === 'kernelFunction' && this.#isOfEngine(symbol);
  }

  /**
   * The symbol a name stands for, with imports followed to the declaration.
   *
   * @param {ts.Node} node
   */
  symbolOf(node) {
    const parent = node.parent;
    const symbol =
      parent !== undefined && ts.isShorthandPropertyAssignment(parent)
        ? this.checker.getShorthandAssignmentValueSymbol(parent)
        : this.checker.getSymbolAtLocation(node);
    if (symbol === undefined) return undefined;
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** @param {ts.Type} type @param {string} name @returns {boolean} */
  #names(type, name) {
    if (type.isUnion()) return type.types.some((member) => this.#names(member, name));
    if (type.isIntersection()) return type.types.some((member) => this.#names(member, name));
    const constraint = type.isTypeParameter() ? type.getConstraint() : undefined;
    if (constraint !== undefined) return this.#names(constraint, name);
    for (const symbol of [type.aliasSymbol, type.getSymbol()]) {
      if (symbol?.name === name && this.#isOfEngine(symbol)) return true;
    }
    return type.isClassOrInterface() && this.checker.getBaseTypes(type).some((base) => this.#names(base, name));
  }

  /** @param {ts.Symbol} symbol */
  #isOfEngine(symbol) {
    return (symbol.declarations ?? []).some((each) => each.getSourceFile().fileName.startsWith(this.engineFolder));
  }
}
