import { agrees, createView, type Looks, type Model, type View } from '@faultpath/engine';
import { built, type FaultCase } from './build-fault-model.ts';
import { policyNamed } from './machine/create-machine.ts';
import type { Policy, PolicyName } from './policy.ts';

/** Models of one case under one policy after the other. */
export interface FaultModels {
  /**
   * The model under a policy. Where the machine saw nothing that differs, it is the machine of a policy before.
   *
   * @throws ModelError as `buildFaultModel`
   */
  under(policy: PolicyName): PolicyModel;
}

/** A model, and what it takes for another policy to make the same one. */
export interface PolicyModel {
  readonly model: Model;
  /** What was looked at to build it; learning it looks at more, see `System.looks`. */
  readonly looks: Looks;
}

interface Machine {
  readonly model: Model;
  readonly view: View<Policy>;
  readonly looks: Looks;
}

/** Makes the models of a case, whose own policy does not matter. */
export function createFaultModels(given: FaultCase): FaultModels {
  const machines: Machine[] = [];
  return {
    under(policy) {
      const record = policyNamed(policy);
      let machine = machines.find(({ looks }) => agrees(record, looks));
      if (machine === undefined) {
        const view = createView(record);
        const model = built({ ...given, policy }, view);
        machine = { model, view, looks: view.looks() };
        machines.push(machine);
      }
      const { model, view, looks } = machine;
      return { model: { ...model, circumstances: { view, record } }, looks };
    },
  };
}
