/** Longer lines are cut in pieces: a file without line feeds must not fill the memory. */
const longest = 1 << 16;

/** Bytes as lines without their line feeds. Bytes that are no UTF-8 become replacement characters. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    for (; rest.length > longest; rest = rest.slice(longest)) yield rest.slice(0, longest);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
