/** Several exported models in one Promela text. */
export interface ModelBundle {
  readonly text: string;
  /** Environment variable that says which model a run of the verifier is about, from 0. */
  readonly variable: string;
  /** What the process that starts the wanted model adds to its counts. */
  readonly extraStates: number;
  readonly extraTransitions: number;
}

const VARIABLE = 'SPIN_MODEL';

/** Makes one text of many: names get their model's number, and a first process starts the processes of one model. */
export function bundleModels(texts: readonly string[]): ModelBundle {
  if (texts.length > 255) throw new Error('the number of a model must fit into a byte');
  const starts: string[] = [];
  const models = texts.map((text, model) => {
    const runs: string[] = [];
    const body = text
      .replace(/\b([cp]\d+_)/g, `m${model}_$1`)
      .replace(/^active (?:\[(\d+)\] )?proctype (\w+)/gm, (_, count: string | undefined, name: string) => {
        for (let index = 0; index < Number(count ?? 1); index++) runs.push(`run ${name}()`);
        return `proctype ${name}`;
      });
    starts.push(`\t\t:: wanted_model == ${model} -> ${runs.join('; ')}\n`);
    return body;
  });
  const choose = `c_code { now.wanted_model = atoi(getenv("${VARIABLE}")); };`;
  const init = `init {\n\tatomic {\n\t\t${choose}\n\t\tif\n${starts.join('')}\t\tfi\n\t}\n}\n`;
  return {
    text: `byte wanted_model;\n${models.join('\n')}\n${init}`,
    variable: VARIABLE,
    extraStates: 1,
    extraTransitions: 1,
  };
}
