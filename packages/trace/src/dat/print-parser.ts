import { applyBinary, applyUnary, castTo } from './arithmetic.ts';
import type { Field } from './event-format.ts';
import { PrintFormatError, type Token, tokenize } from './print-lexer.ts';

/** A value of a flag or symbol list with its name. */
export interface NamedValue {
  readonly value: bigint;
  readonly text: string;
}

/** An argument of a print format. Numbers are unsigned 64-bit, as trace-cmd reckons. */
export type PrintNode =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'field'; readonly field: Field }
  | { readonly kind: 'symbol-address'; readonly name: string }
  | { readonly kind: 'cast'; readonly type: string; readonly item: PrintNode }
  | { readonly kind: 'unary'; readonly op: string; readonly item: PrintNode }
  | { readonly kind: 'binary'; readonly op: string; readonly left: PrintNode; readonly right: PrintNode }
  | { readonly kind: 'condition'; readonly test: PrintNode; readonly yes: PrintNode; readonly no: PrintNode }
  | { readonly kind: 'index'; readonly array: PrintNode; readonly index: PrintNode }
  | {
      readonly kind: 'flags';
      readonly item: PrintNode;
      readonly delimiter: string;
      readonly list: readonly NamedValue[];
    }
  | { readonly kind: 'symbolic'; readonly item: PrintNode; readonly list: readonly NamedValue[] }
  | { readonly kind: 'dynamic-string'; readonly field: Field }
  | { readonly kind: 'dynamic-array'; readonly field: Field }
  | { readonly kind: 'dynamic-length'; readonly field: Field }
  | { readonly kind: 'bitmask'; readonly field: Field }
  | { readonly kind: 'hex'; readonly item: PrintNode; readonly length: PrintNode; readonly delimiter: string }
  | { readonly kind: 'array'; readonly item: PrintNode; readonly count: PrintNode; readonly size: PrintNode };

export interface ParsedPrintFormat {
  readonly format: string;
  readonly args: readonly PrintNode[];
}

/** Parsing stops at this depth: only a damaged format nests deeper. */
const maxDepth = 200;

/**
 * Parses what stands behind `print fmt:`: the format string and its arguments, in the subset of C that the kernel's
 * event formats use.
 * @throws PrintFormatError for anything else
 */
export function parsePrintFormat(text: string, fields: ReadonlyMap<string, Field>): ParsedPrintFormat {
  const parser = new Parser(tokenize(text), fields);
  return parser.all();
}

const binaryLevels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/** Names in flag lists that kernels write without turning them into numbers. */
const wellKnown: Readonly<Record<string, bigint>> = {
  HI_SOFTIRQ: 0n,
  TIMER_SOFTIRQ: 1n,
  NET_TX_SOFTIRQ: 2n,
  NET_RX_SOFTIRQ: 3n,
  BLOCK_SOFTIRQ: 4n,
  IRQ_POLL_SOFTIRQ: 5n,
  TASKLET_SOFTIRQ: 6n,
  SCHED_SOFTIRQ: 7n,
  HRTIMER_SOFTIRQ: 8n,
  RCU_SOFTIRQ: 9n,
  HRTIMER_NORESTART: 0n,
  HRTIMER_RESTART: 1n,
};

class Parser {
  readonly #tokens: readonly Token[];
  readonly #fields: ReadonlyMap<string, Field>;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], fields: ReadonlyMap<string, Field>) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  all(): ParsedPrintFormat {
    const format = this.#string();
    const args: PrintNode[] = [];
    while (this.#take(',')) args.push(this.#expression());
    if (this.#peek().kind !== 'end') throw new PrintFormatError(`${this.#peek().text} stands behind the end`);
    return { format, args };
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #take(op: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'op' || token.text !== op) return false;
    this.#at += 1;
    return true;
  }

  #expect(op: string): void {
    if (!this.#take(op)) throw new PrintFormatError(`${op} should stand where ${this.#peek().text} does`);
  }

  #string(): string {
    let text = '';
    if (this.#peek().kind !== 'string') throw new PrintFormatError('a string should stand here');
    while (this.#peek().kind === 'string') text += this.#next().text;
    return text;
  }

  /** A string; anything else in its place (`NULL`) stands for none. */
  #stringOrNothing(): string {
    if (this.#peek().kind === 'string') return this.#string();
    this.#expression();
    return '';
  }

  #expression(): PrintNode {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new PrintFormatError('nested too deep');
    const test = this.#binary(0);
    let node = test;
    if (this.#take('?')) {
      const yes = this.#expression();
      this.#expect(':');
      node = { kind: 'condition', test, yes, no: this.#expression() };
    }
    this.#depth -= 1;
    return node;
  }

  #binary(level: number): PrintNode {
    const ops = binaryLevels[level];
    if (ops === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const token = this.#peek();
      if (token.kind !== 'op' || !ops.includes(token.text)) return left;
      this.#at += 1;
      left = { kind: 'binary', op: token.text, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): PrintNode {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new PrintFormatError('nested too deep');
    const node = this.#unaryInner();
    this.#depth -= 1;
    return node;
  }

  #unaryInner(): PrintNode {
    for (const op of ['-', '~', '!', '+']) {
      if (this.#take(op)) return { kind: 'unary', op, item: this.#unary() };
    }
    // `*(u32 *)x`, `&x`: only what a dynamic array or a field gives as it is.
    if (this.#peek().text === '&' && this.#peek().kind === 'op') {
      this.#at += 1;
      return this.#unary();
    }
    const type = this.#castType();
    if (type !== undefined) return { kind: 'cast', type, item: this.#unary() };
    return this.#postfix(this.#primary());
  }

  /** The type in `(type)` before an operand; undefined when the parenthesis is an ordinary one. */
  #castType(): string | undefined {
    if (this.#peek().text !== '(' || this.#peek().kind !== 'op') return undefined;
    const words: string[] = [];
    let ahead = 1;
    for (;;) {
      const token = this.#peek(ahead);
      if (token.kind === 'name' && token.text !== 'REC' && !token.text.startsWith('__get_')) words.push(token.text);
      else if (token.kind === 'op' && token.text === '*' && words.length > 0) words.push('*');
      else break;
      ahead += 1;
    }
    const close = this.#peek(ahead);
    const after = this.#peek(ahead + 1);
    const operand = after.kind === 'name' || after.kind === 'number' || after.kind === 'string' || after.text === '(';
    const certain =
      words.includes('*') ||
      words.some((word) =>
        /^(unsigned|signed|int|long|short|char|struct|enum|union|void|const|[us](8|16|32|64))$/.test(word),
      );
    const starts = operand || (certain && ['-', '~', '!', '&'].includes(after.text));
    if (words.length === 0 || close.kind !== 'op' || close.text !== ')' || !starts) return undefined;
    this.#at += ahead + 1;
    return words.join(' ');
  }

  #postfix(item: PrintNode): PrintNode {
    let node = item;
    while (this.#take('[')) {
      node = { kind: 'index', array: node, index: this.#expression() };
      this.#expect(']');
    }
    return node;
  }

  #primary(): PrintNode {
    const token = this.#peek();
    if (token.kind === 'string') return { kind: 'string', text: this.#string() };
    this.#at += 1;
    if (token.kind === 'number') return { kind: 'number', value: numberOf(token.text) };
    if (token.kind === 'op' && token.text === '(') {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (token.kind !== 'name') throw new PrintFormatError(`${token.text || 'the end'} is no value`);
    if (token.text === 'REC') {
      this.#expect('->');
      return { kind: 'field', field: this.#field(this.#next().text) };
    }
    if (this.#take('(')) return this.#call(token.text);
    return { kind: 'symbol-address', name: token.text };
  }

  #field(name: string): Field {
    const field = this.#fields.get(name);
    if (field === undefined) throw new PrintFormatError(`the event has no field ${name}`);
    return field;
  }

  #fieldArgument(): Field {
    const field = this.#field(this.#next().text);
    this.#expect(')');
    return field;
  }

  #call(name: string): PrintNode {
    switch (name) {
      case '__print_flags':
      case '__print_flags_u64': {
        const item = this.#expression();
        this.#expect(',');
        return { kind: 'flags', item, delimiter: this.#stringOrNothing(), list: this.#list() };
      }
      case '__print_symbolic':
      case '__print_symbolic_u64':
        return { kind: 'symbolic', item: this.#expression(), list: this.#list() };
      case '__get_str':
      case '__get_rel_str':
        return { kind: 'dynamic-string', field: this.#fieldArgument() };
      case '__get_dynamic_array':
      case '__get_rel_dynamic_array':
        return { kind: 'dynamic-array', field: this.#fieldArgument() };
      case '__get_dynamic_array_len':
      case '__get_rel_dynamic_array_len':
        return { kind: 'dynamic-length', field: this.#fieldArgument() };
      case '__get_bitmask':
      case '__get_rel_bitmask':
      case '__get_cpumask':
      case '__get_rel_cpumask':
        return { kind: 'bitmask', field: this.#fieldArgument() };
      case '__print_hex':
      case '__print_hex_str': {
        const item = this.#expression();
        this.#expect(',');
        const length = this.#expression();
        this.#expect(')');
        return { kind: 'hex', item, length, delimiter: name === '__print_hex' ? ' ' : '' };
      }
      case '__print_array': {
        const item = this.#expression();
        this.#expect(',');
        const count = this.#expression();
        this.#expect(',');
        const size = this.#expression();
        this.#expect(')');
        return { kind: 'array', item, count, size };
      }
      default:
        throw new PrintFormatError(`the function ${name} is not known`);
    }
  }

  /** `, { value, "name" }, …)` with any number of pairs. */
  #list(): NamedValue[] {
    const list: NamedValue[] = [];
    while (this.#take(',')) {
      if (!this.#take('{')) {
        // Some kernels end their lists with a bare pair of sentinels.
        if (this.#peek().text === ')') break;
        throw new PrintFormatError('a pair should stand in a list');
      }
      const value = constantOf(this.#expression());
      this.#expect(',');
      const text = this.#stringOrNothing();
      this.#expect('}');
      list.push({ value, text });
    }
    this.#expect(')');
    return list;
  }
}

function numberOf(text: string): bigint {
  if (/^0\d/.test(text)) return BigInt(`0o${text.replace(/[89].*$/, '').slice(1) || '0'}`);
  return BigInt.asUintN(64, BigInt(text));
}

/** The value of an expression without fields; -1 for what only the kernel's compiler knew. */
function constantOf(node: PrintNode): bigint {
  const value = fold(node);
  return BigInt.asUintN(64, value ?? -1n);
}

function fold(node: PrintNode): bigint | undefined {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'symbol-address':
      return wellKnown[node.name];
    case 'cast': {
      const item = fold(node.item);
      return item === undefined ? undefined : castTo(node.type, item);
    }
    case 'unary': {
      const item = fold(node.item);
      return item === undefined ? undefined : applyUnary(node.op, item);
    }
    case 'binary': {
      const left = fold(node.left);
      const right = fold(node.right);
      return left === undefined || right === undefined ? undefined : applyBinary(node.op, left, right);
    }
    default:
      return undefined;
  }
}
