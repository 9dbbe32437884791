/**
 * Release series and their layouts. `evidence` says how the layout is known: `read` in that release's source, `logs`
 * from real log lines, `names` when only the list of printed names was read, `neighbours` when not read at all.
 * A series with two layouts is one whose source does not settle it: an answer is only given where both agree.
 */
export interface SeriesRow {
  readonly series: string;
  readonly layouts: readonly string[];
  readonly evidence: 'read' | 'logs' | 'names' | 'neighbours';
}

const read = (layout: string, ...series: string[]): SeriesRow[] =>
  series.map((name) => ({ series: name, layouts: [layout], evidence: 'read' }));

export const SERIES_ROWS: readonly SeriesRow[] = [
  ...read('v4.4', '4.4'),
  ...read('v4.5', '4.5'),
  ...read('v4.6', '4.6', '4.7'),
  ...read('v4.8', '4.8', '4.9'),
  ...read('v4.10', '4.10', '4.11'),
  ...read('v4.12', '4.12'),
  ...read('v4.13', '4.13'),
  // __GFP_NOTRACK went away in a stable update between 4.14.0 and 4.14.74.
  { series: '4.14', layouts: ['v4.14-early', 'v4.14-late'], evidence: 'read' },
  ...read('v4.15', '4.15', '4.16', '4.17'),
  ...read('v4.18', '4.18', '4.19', '4.20', '5.0'),
  ...read('v5.1', '5.1', '5.2', '5.3', '5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '5.10', '5.11', '5.12'),
  { series: '5.13', layouts: ['v5.1', 'v5.14'], evidence: 'neighbours' },
  ...read('v5.14', '5.14', '5.15'),
  { series: '5.16', layouts: ['v5.14'], evidence: 'neighbours' },
  ...read('v5.14', '5.17'),
  ...read('v5.18', '5.18', '5.19'),
  ...read('v6.0', '6.0', '6.1', '6.2'),
  ...read('v6.3', '6.3'),
  ...read('v6.4', '6.4', '6.5', '6.6'),
  { series: '6.7', layouts: ['v6.4', 'v6.7'], evidence: 'neighbours' },
  ...read('v6.7', '6.8'),
  ...read('v6.9', '6.9'),
  ...read('v6.10', '6.10', '6.11', '6.12', '6.13', '6.14'),
  { series: '6.15', layouts: ['v6.15'], evidence: 'logs' },
  { series: '6.16', layouts: ['v6.15'], evidence: 'logs' },
  ...read('v6.15', '6.17', '6.18'),
  ...read('v6.19', '6.19', '7.0', '7.1'),
  { series: '7.2', layouts: ['v6.19'], evidence: 'names' },
  // Mainline after 7.2, whose release number was not known when it was read.
  { series: 'mainline', layouts: ['mainline'], evidence: 'names' },
];
