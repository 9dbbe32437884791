import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collect, withFile } from './collect.ts';
import { Bytes, formatText, type SyntheticFile, type SyntheticPage, writeDat } from './write-dat.ts';

const forms = [
  { littleEndian: true, longSize: 8 },
  { littleEndian: true, longSize: 4 },
  { littleEndian: false, longSize: 8 },
  { littleEndian: false, longSize: 4 },
] as const;

const containers = [
  { version: 6, compression: 'none' },
  { version: 7, compression: 'none' },
  { version: 7, compression: 'zlib' },
] as const;

const second = 1_000_000_000n;

/** One event with a number, a mask, an address, a fixed and a dynamic string and an array. */
function sampleFormat(longSize: 4 | 8): string {
  const type = longSize === 8 ? 'unsigned long' : 'unsigned long';
  return formatText(
    'sample',
    300,
    `	field:int count;	offset:8;	size:4;	signed:1;
	field:unsigned int mask;	offset:12;	size:4;	signed:0;
	field:${type} where;	offset:16;	size:${longSize};	signed:0;
	field:char comm[8];	offset:24;	size:8;	signed:1;
	field:__data_loc char[] name;	offset:32;	size:4;	signed:1;
	field:u8 mac[6];	offset:36;	size:6;	signed:0;
`,
    '"count=%d mask=%s where=%pS comm=%s name %s, mac %s state %s", REC->count, REC->mask ? __print_flags(REC->mask, "|", { 1, "ONE" }, { (unsigned int)(1u << 2), "FOUR" }) : "none", (void *)REC->where, REC->comm, __get_str(name), __print_hex(REC->mac, 6), __print_symbolic(REC->count & 0xf, { 1, "first" }, { 2, "second" })',
  );
}

function sample(form: (typeof forms)[number], count: number, mask: number, address: bigint, name: string): Uint8Array {
  const out = new Bytes(form.littleEndian);
  out
    .number(4, count >>> 0)
    .number(4, mask)
    .number(form.longSize, address);
  if (form.longSize === 4) out.number(4, 0);
  out.text('task\0xx\0');
  out.number(4, ((name.length + 1) << 16) | 42);
  out.raw(Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0, 1));
  return out.text(`${name}\0`).done();
}

const kallsyms8 = 'ffffffff81000000 T _stext\nffffffff81000100 T do_it\nffffffff81000200 T after\n';
const kallsyms4 = '00000000c1000000 T _stext\n00000000c1000100 T do_it\n00000000c1000200 T after\n';

function file(
  form: (typeof forms)[number],
  container: (typeof containers)[number],
  buffers: SyntheticFile['buffers'],
  extra: Partial<SyntheticFile> = {},
): Uint8Array {
  return writeDat({
    ...form,
    ...container,
    formats: [sampleFormat(form.longSize)],
    kallsyms: form.longSize === 8 ? kallsyms8 : kallsyms4,
    cmdlines: '7 seven\n8 a [b] c\n',
    buffers,
    ...extra,
  });
}

describe.each(containers)('version $version, compression $compression', (container) => {
  it.each(forms)('little endian $littleEndian, long of $longSize bytes', async (form) => {
    const address = form.longSize === 8 ? 0xffff_ffff_8100_0123n : 0xc100_0123n;
    const event = (count: number, mask: number, delta: number, pid = 7) => ({
      id: 300,
      pid,
      delta,
      payload: sample(form, count, mask, address, `n${count}`),
    });
    const page: SyntheticPage = {
      timestamp: 5n * second,
      events: [event(1, 5, 0), event(-1, 0, 1499), event(2, 9, 1, 8)],
    };
    const { lines, unreadable } = await withFile(file(form, container, [{ name: '', cpus: [[page]] }]), (path) =>
      collect(path),
    );
    expect(unreadable).toEqual([]);
    expect(lines).toEqual([
      '           seven-7     [000]     5.000000: sample:               count=1 mask=ONE|FOUR where=do_it+0x23 comm=task name n1, mac de ad be ef 00 01 state first',
      '           seven-7     [000]     5.000001: sample:               count=-1 mask=none where=do_it+0x23 comm=task name n-1, mac de ad be ef 00 01 state 0xf',
      '         a [b] c-8     [000]     5.000002: sample:               count=2 mask=ONE|0x8 where=do_it+0x23 comm=task name n2, mac de ad be ef 00 01 state second',
    ]);
  });

  it('merges CPUs and buffers by time, the lower CPU first on equal times', async () => {
    const [form] = forms;
    const event = (count: number, delta: number) => ({ id: 300, delta, payload: sample(form, count, 0, 0n, 'x') });
    const bytes = file(form, container, [
      {
        name: '',
        cpus: [
          [
            { timestamp: 1000n, events: [event(1, 0), event(4, 3000)] },
            { timestamp: 9000n, events: [event(7, 0)] },
          ],
          [{ timestamp: 2000n, events: [event(2, 0), event(5, 2000), event(6, 1000)] }],
          [],
        ],
      },
      { name: 'side', cpus: [[{ timestamp: 3000n, events: [event(3, 0)] }]] },
    ]);
    const { lines, summary } = await withFile(bytes, (path) =>
      collect(path, (record) => `${record.getNumber('count')}@${record.cpu}${record.bufferName}`),
    );
    expect(lines).toEqual(['1@0', '2@1', '3@0side', '4@0', '5@1', '6@1', '7@0']);
    expect(summary.buffers).toEqual(['', 'side']);
  });

  it('follows time extends, absolute times and discarded events', async () => {
    const [form] = forms;
    const base = 3600n * second;
    const event = (delta: number, time?: 'extend' | 'absolute', padding?: number) => ({
      id: 300,
      delta,
      payload: sample(form, 1, 0, 0n, 'x'),
      ...(time === undefined ? {} : { time }),
      ...(padding === undefined ? {} : { padding }),
    });
    const page: SyntheticPage = {
      timestamp: base,
      events: [event(0), event(2 ** 30, 'extend'), event(5_000_000, 'absolute'), event(1000, undefined, 24)],
    };
    const { lines, unreadable } = await withFile(file(form, container, [{ name: '', cpus: [[page]] }]), (path) =>
      collect(path, (record) => record.nanoseconds.toString()),
    );
    expect(unreadable).toEqual([]);
    const times = [base, base + 2n ** 30n, base + 2n ** 30n + 5_000_000n, base + 2n ** 30n + 5_001_001n];
    expect(lines).toEqual(times.map(String));
  });

  it.each(forms)('says where events were lost ($littleEndian, $longSize)', async (form) => {
    const event = { id: 300, delta: 0, payload: sample(form, 1, 0, 0n, 'x') };
    const pages: SyntheticPage[] = [
      { timestamp: 1n, events: [event] },
      { timestamp: 2n, events: [event], missed: 17 },
      { timestamp: 3n, events: [event], missed: -1 },
    ];
    const { lost, summary } = await withFile(file(form, container, [{ name: '', cpus: [pages] }]), (path) =>
      collect(path),
    );
    expect(lost).toEqual([
      { cpu: 0, record: 1, count: 17 },
      { cpu: 0, record: 2 },
    ]);
    expect(summary.lost).toBe(2);
  });
});

describe('odd recordings', () => {
  const [form] = forms;
  const [, plain] = containers;
  const payload = sample(form, 1, 0, 0n, 'x');

  it('prints clocks that count no nanoseconds as they are', async () => {
    const bytes = file(
      form,
      plain,
      [{ name: '', cpus: [[{ timestamp: 123_456_789_012n, events: [{ id: 300, delta: 0, payload }] }]] }],
      {
        clock: 'x86-tsc',
      },
    );
    const { lines } = await withFile(bytes, (path) => collect(path, (record) => record.timestamp));
    expect(lines).toEqual(['123456789012']);
  });

  it('reports a page that ends before its data, and none that is just not full', async () => {
    const events = [
      { id: 300, delta: 0, payload },
      { id: 300, delta: 1, payload },
    ];
    const bytes = file(form, plain, [{ name: '', cpus: [[{ timestamp: 0x1122_3344_5566n, events }]] }]);
    const whole = await withFile(bytes, (path) => collect(path));
    expect([whole.lines.length, whole.unreadable]).toEqual([2, []]);
    // The length of the page's data stands behind its timestamp; halved, it cuts the second event away.
    const damaged = Buffer.from(bytes);
    const length = damaged.indexOf(Buffer.from([0x66, 0x55, 0x44, 0x33, 0x22, 0x11])) + 8;
    damaged.writeUInt32LE(damaged.readUInt32LE(length) / 2, length);
    const cut = await withFile(damaged, (path) => collect(path));
    expect([cut.lines.length, cut.unreadable.length]).toEqual([1, 1]);
  });

  it('reports pages that belong to no CPU', async () => {
    const pages = [1n, 2n].map((timestamp) => ({ timestamp, events: [{ id: 300, delta: 0, payload }] }));
    const bytes = Buffer.from(file(form, { version: 6, compression: 'none' }, [{ name: '', cpus: [pages] }]));
    expect((await withFile(bytes, (path) => collect(path))).unreadable).toEqual([]);
    const table = bytes.indexOf('flyrecord\0') + 10;
    bytes.writeUInt32LE(4096, table + 8);
    const { lines, unreadable } = await withFile(bytes, (path) => collect(path));
    expect([lines.length, unreadable.length]).toEqual([1, 1]);
  });

  it('reports an event whose length its format does not allow', async () => {
    const fields = '	field:int count;	offset:8;	size:4;	signed:1;\n';
    const formats = [formatText('short', 300, fields, '"count=%d", REC->count')];
    const read = async (bytes: number) => {
      const events = [{ id: 300, delta: 0, payload: new Uint8Array(bytes) }];
      const dat = file(form, plain, [{ name: '', cpus: [[{ timestamp: 1n, events }]] }], { formats });
      const { lines, unreadable } = await withFile(dat, (path) => collect(path));
      return [lines.length, unreadable.length];
    };
    expect(await read(4)).toEqual([1, 0]);
    expect(await read(8)).toEqual([1, 0]);
    expect(await read(0)).toEqual([0, 1]);
    expect(await read(40)).toEqual([0, 1]);
  });

  it('refuses a recording without events', async () => {
    await withFile(file(form, plain, [{ name: '', cpus: [[]] }]), (path) =>
      expect(collect(path)).rejects.toMatchObject({ code: 'TRACE_DAT_EMPTY' }),
    );
  });

  it('reports an event whose number has no format, and goes on', async () => {
    const events = [
      { id: 300, delta: 0, payload },
      { id: 4711, delta: 1, payload },
      { id: 300, delta: 1, payload },
    ];
    const { lines, unreadable } = await withFile(
      file(form, plain, [{ name: '', cpus: [[{ timestamp: 1n, events }]] }]),
      (path) => collect(path),
    );
    expect(lines).toHaveLength(2);
    expect(unreadable).toEqual([{ record: 1, reason: expect.stringContaining('4711') }]);
  });

  it('lists the fields of an event whose print format is beyond it', async () => {
    const format = formatText(
      'odd',
      300,
      '	field:int count;	offset:8;	size:4;	signed:1;\n',
      '"x %d", jiffies_to_msecs(REC->count)',
    );
    const bytes = file(
      form,
      plain,
      [{ name: '', cpus: [[{ timestamp: 1n, events: [{ id: 300, delta: 0, payload: payload.subarray(0, 4) }] }]] }],
      {
        formats: [format],
      },
    );
    const { lines } = await withFile(bytes, (path) => collect(path, (record) => record.format()));
    expect(lines).toEqual(['[FAILED TO PARSE] count=1']);
  });

  it('names the functions of a backtrace', async () => {
    const format = formatText(
      'kernel_stack',
      4,
      '	field:int size;	offset:8;	size:4;	signed:1;\n	field:unsigned long caller[8];	offset:16;	size:64;	signed:0;\n',
      '"\\t=> %ps\\n\\t=> %ps\\n", (void *)REC->caller[0], (void *)REC->caller[1]',
    );
    const stack = new Bytes(true).number(4, 3).number(4, 0);
    stack.number(8, 0xffff_ffff_8100_0123n).number(8, 0xffff_ffff_8100_0001n).number(8, 0x10n).raw(new Uint8Array(40));
    const bytes = file(
      form,
      plain,
      [{ name: '', cpus: [[{ timestamp: 1n, events: [{ id: 4, delta: 0, payload: stack.done() }] }]] }],
      {
        formats: [format],
      },
    );
    const { lines } = await withFile(bytes, (path) =>
      collect(path, (record) => JSON.stringify([record.name, record.stack])),
    );
    expect(lines).toEqual(['["kernel_stack",["do_it","_stext","0x10"]]']);
  });

  it('reads a trace_printk by the format that the file carries', async () => {
    const format = formatText(
      'bprint',
      6,
      '	field:unsigned long ip;	offset:8;	size:8;	signed:0;\n	field:const char * fmt;	offset:16;	size:8;	signed:0;\n	field:u32 buf[];	offset:24;	size:0;	signed:0;\n',
      '"%ps: %s", (void *)REC->ip, REC->fmt',
    );
    const event = new Bytes(true)
      .number(8, 0xffff_ffff_8100_0101n)
      .number(8, 0x1000)
      .number(4, 42)
      .text('abc\0')
      .number(8, 0xff);
    const bytes = file(
      form,
      plain,
      [{ name: '', cpus: [[{ timestamp: 1n, events: [{ id: 6, delta: 0, payload: event.done() }] }]] }],
      {
        formats: [format],
        printk: '0x1000 : "n=%d s=%s x=%lx\\n"\n',
      },
    );
    const { lines } = await withFile(bytes, (path) => collect(path, (record) => record.format()));
    expect(lines).toEqual(['do_it: n=42 s=abc x=ff']);
  });

  it('reads a file that is gzipped whole, and stops where the limit is', async () => {
    const bytes = file(form, plain, [
      { name: '', cpus: [[{ timestamp: 1n, events: [{ id: 300, delta: 0, payload }] }]] },
    ]);
    const zipped = gzipSync(bytes);
    const { lines } = await withFile(zipped, (path) => collect(path));
    expect(lines).toHaveLength(1);
    await withFile(zipped, (path) =>
      expect(collect(path, undefined, { maxUnpackedBytes: 100 })).rejects.toMatchObject({
        code: 'TRACE_DAT_COMPRESSION',
      }),
    );
  });
});
