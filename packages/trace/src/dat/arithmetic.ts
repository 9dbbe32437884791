/** What is left of an unsigned 64-bit value in a C type; types that are not known leave it as it is. */
export function castTo(type: string, value: bigint): bigint {
  const bare = type.replace(/^unsigned /, '');
  if (bare === 'u8' || bare === 's8' || bare === 'char') return value & 0xffn;
  if (bare === 'u16' || bare === 's16' || bare === 'short') return value & 0xffffn;
  if (bare === 'u32' || bare === 's32' || bare === 'int') return value & 0xffff_ffffn;
  return value;
}

export function applyUnary(op: string, item: bigint): bigint {
  if (op === '-') return BigInt.asUintN(64, -item);
  if (op === '~') return BigInt.asUintN(64, ~item);
  if (op === '!') return item === 0n ? 1n : 0n;
  return item;
}

export function applyBinary(op: string, left: bigint, right: bigint): bigint {
  switch (op) {
    case '||':
      return left !== 0n || right !== 0n ? 1n : 0n;
    case '&&':
      return left !== 0n && right !== 0n ? 1n : 0n;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '&':
      return left & right;
    case '==':
      return left === right ? 1n : 0n;
    case '!=':
      return left !== right ? 1n : 0n;
    case '<':
      return left < right ? 1n : 0n;
    case '>':
      return left > right ? 1n : 0n;
    case '<=':
      return left <= right ? 1n : 0n;
    case '>=':
      return left >= right ? 1n : 0n;
    case '<<':
      return BigInt.asUintN(64, left << (right & 63n));
    case '>>':
      return left >> (right & 63n);
    case '+':
      return BigInt.asUintN(64, left + right);
    case '-':
      return BigInt.asUintN(64, left - right);
    case '*':
      return BigInt.asUintN(64, left * right);
    case '/':
      return right === 0n ? 0n : left / right;
    case '%':
      return right === 0n ? 0n : left % right;
    default:
      return 0n;
  }
}
